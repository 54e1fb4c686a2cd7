import { z } from 'zod';

/** `+` and digits; `?` is any digit, a `*` at the end any rest. */
export const numberPattern = z
  .string()
  .regex(/^\+[\d?]{1,15}\*?$/, 'must be a number in E.164, or one with ? for a digit and * for the rest');

export function fitsNumber(pattern: string, number: string): boolean {
  const isOpen = pattern.endsWith('*');
  const head = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? number.length < head.length : number.length !== head.length) return false;
  return [...head].every((character, i) => character === number[i] || (character === '?' && /\d/.test(number[i] ?? '')));
}

/** More digits are closer; of two patterns with as many, the one that leaves less open. */
export const closeness = (pattern: string): number =>
  pattern.replace(/[?*]/g, '').length * 100 + (pattern.endsWith('*') ? 0 : 50) + pattern.length;
