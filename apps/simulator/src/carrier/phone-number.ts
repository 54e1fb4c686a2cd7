import { createHash } from 'node:crypto';

/**
 * A number as Twilio reports it (E.164), or `undefined`. Loose United States spellings are understood; short codes,
 * emergency numbers, SIP addresses and clients are not.
 */
export function readNumber(given: string): string | undefined {
  const trimmed = given.trim();
  if (!/^\+?[\d\s().-]+$/.test(trimmed)) return undefined;
  const digits = trimmed.replace(/\D/g, '');
  if (trimmed.startsWith('+')) return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined;
  if (/^[2-9]\d{9}$/.test(digits)) return `+1${digits}`;
  return /^1[2-9]\d{9}$/.test(digits) ? `+${digits}` : undefined;
}

/** `(205) 236-8178` for a number of the North American plan, else E.164: the `*_formatted` fields of a call. */
export function formatNumber(e164: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : e164;
}

/** `PN…`: the same number has the same SID in every resource and every run. */
export function sidOfNumber(e164: string): string {
  return `PN${createHash('sha256').update(e164).digest('hex').slice(0, 32)}`;
}
