import { latestMoment } from './deadlines.js';
import type { AttemptEnd, CallIn, Policy } from './call.js';

type RedialReason = Policy['redial']['on'][number];

/** When a settling call is dialed next (Redis milliseconds); null: not again, this end is the last. */
export function nextAttemptAt(call: CallIn<'settling'>): number | null {
  const { redial } = call.policy;
  const end = call.attempts.at(-1)?.over;
  if (!end || call.end || call.canceled) return null;
  if (call.attempts.length >= redial.maxAttempts) return null;
  const reason = redialReason(end);
  if (reason === null || !redial.on.includes(reason)) return null;
  const next = end.at + redialDelayMs(call.policy, call.attempts.length);
  // A call that would only wait to expire ends now, with the end that it had.
  return next < latestMoment(call) ? next : null;
}

/**
 * Only a proven end may be dialed again, and only one that nobody wanted: busy, no answer (the carrier's, or our own ring timeout
 * confirmed by it), a failure or refusal that may pass, voicemail. Cause and disposition must agree: an operator's end of a ringing
 * call has the carrier's `no-answer` too.
 */
function redialReason({ proven, cause, disposition }: AttemptEnd): RedialReason | null {
  if (!proven) return null;
  if (cause === 'busy' && disposition === 'busy') return 'busy';
  if (cause === 'no-answer' && (disposition === 'no-answer' || disposition === 'canceled')) return 'no-answer';
  if (cause === 'dial-failed' && disposition === 'failed') return 'failed';
  if (cause === 'voicemail') return 'voicemail';
  return null;
}

/** @param attempts how many attempts there were */
function redialDelayMs({ redial }: Policy, attempts: number): number {
  const factor = redial.backoff === 'exponential' ? 2 ** (attempts - 1) : 1;
  return Math.min(redial.delaySec * factor, Math.max(redial.maxDelaySec, redial.delaySec)) * 1_000;
}
