import { createHash } from 'node:crypto';
import type { E164 } from '@onhook/contracts';
import type { AdmissionRequest } from '../ports/admission.js';

/**
 * The numbers that this attempt may be called from; which of them is free and has rested longest is known to the account alone.
 * Empty: what was asked for is not configured (any more).
 */
export function fromChoice(request: AdmissionRequest, configured: readonly E164[]): readonly E164[] {
  const { from, fromNumbers, sticky = false, to } = request;
  if (from !== null) return configured.includes(from) ? [from] : [];
  const choice = fromNumbers === undefined ? configured : fromNumbers.filter((number) => configured.includes(number));
  return sticky && choice.length > 1 ? [alwaysTheSame(to, choice)] : choice;
}

/** Whether a busy choice is the call's own affair: the account may have other numbers that are free. */
export function isOwnChoice({ from, fromNumbers, sticky = false }: AdmissionRequest): boolean {
  return from !== null || fromNumbers !== undefined || sticky;
}

/** Rendezvous hashing: a number that is added or taken away moves only the callees whose number it is. */
function alwaysTheSame(to: E164, choice: readonly E164[]): E164 {
  const weight = (from: E164): string => createHash('sha256').update(`${to}|${from}`).digest('hex');
  return choice.reduce((best, from) => (weight(from) > weight(best) ? from : best));
}
