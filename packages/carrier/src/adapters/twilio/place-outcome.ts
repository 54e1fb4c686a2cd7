import type { PlaceOutcome, RedirectOutcome } from '../../port.js';
import { NothingSentError } from './fresh-connection.js';
import { type HttpAnswer, NoAnswerError } from './http-exchange.js';
import { readErrorCode, readSid } from './words.js';

/** What became of a create: an answer, or why there is none. */
export type CreateResult = { readonly answer: HttpAnswer } | { readonly error: unknown };

const RETRY_IN_MS = 1_000;
const MIN_RETRY_MS = 500;
const MAX_RETRY_MS = 60_000;

/** Refusals that may pass by themselves. Twilio error 10004: the account's limit of concurrent calls is reached. */
const PASSING_CODES: ReadonlySet<number> = new Set([10_004]);

/**
 * Every way in which a `POST /Calls` can turn out. Doubt is `unclear`: there may be a leg, and a second request could ring
 * a phone twice.
 *
 * @param nowMs for a `Retry-After` that is a date
 */
export function placeOutcome(result: CreateResult, nowMs: number): PlaceOutcome {
  if ('error' in result) return withoutAnswer(result.error);
  const { status, body, headers } = result.answer;
  const code = readErrorCode(body);

  if (status >= 200 && status < 300) {
    const sid = typeof body === 'object' && body !== null && 'sid' in body ? readSid(body.sid) : null;
    return sid ? { outcome: 'accepted', sid } : { outcome: 'unclear', reason: `http-${status}-without-sid` };
  }
  // Twilio error 20429: not processed, safe to retry.
  if (status === 429)
    return { outcome: 'not-sent', retryInMs: retryAfterMs(headers['retry-after'], nowMs), reason: 'too-many-requests' };
  if (status === 401 || status === 403 || code === 20_003) {
    return { outcome: 'misconfigured', code: code ?? status, reason: 'credentials-refused' };
  }
  // The account in the URL is not one of these credentials, or the base URL is another region's.
  if (status === 404 && code === 20_404) return { outcome: 'misconfigured', code, reason: 'account-not-found' };
  if (status >= 400 && status < 500 && status !== 408 && code !== null) {
    return { outcome: 'refused', code, retryable: PASSING_CODES.has(code) };
  }
  return { outcome: 'unclear', reason: `http-${status}` };
}

/** The same judgement of a redirect. An error of ours or of the account's means that the leg stays where it is. */
export function redirectOutcome(result: CreateResult, nowMs: number): RedirectOutcome {
  const judged = placeOutcome(result, nowMs);
  switch (judged.outcome) {
    case 'accepted':
      return { outcome: 'asked' };
    case 'unclear':
      return judged;
    case 'refused':
      // Twilio error 21220: the leg is over, or not answered yet.
      return { outcome: 'refused', reason: `twilio-${judged.code}` };
    case 'not-sent':
      return { outcome: 'refused', reason: judged.reason };
    case 'misconfigured':
      // Twilio error 20404 says of a redirect that there is no such leg.
      return { outcome: 'refused', reason: judged.code === 20_404 ? 'twilio-20404' : judged.reason };
  }
}

function withoutAnswer(error: unknown): PlaceOutcome {
  if (error instanceof NothingSentError) {
    // A stale grant goes back for a new one at once; a carrier that cannot be reached gets a moment.
    return { outcome: 'not-sent', retryInMs: error.reason === 'grant-expired' ? 0 : RETRY_IN_MS, reason: error.reason };
  }
  if (error instanceof NoAnswerError) return { outcome: 'unclear', reason: error.reason };
  return { outcome: 'unclear', reason: 'internal-error' };
}

/** Seconds or a date; never at once, never longer than a minute. */
export function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (header === undefined) return RETRY_IN_MS;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_MS, Math.max(MIN_RETRY_MS, ms)) : RETRY_IN_MS;
}
