import { isTerminal, type CarrierCallId, type CarrierStatus, type E164 } from '@onhook/contracts';
import type { Attempt, Call } from './call.js';
import { UNKNOWN_NUMBER, type CallWithLeg } from './questions.js';

/** The present attempt of a call that has one by its state. */
export function attemptOf(call: CallWithLeg): Attempt {
  const attempt = call.attempts.at(-1);
  if (!attempt) throw new Error(`${call.state} call without an attempt: ${call.callId}`);
  return attempt;
}

/** The same call with one more attempt; what was known of the one before is no fact of this one. */
export function withNewAttempt<C extends Call>(
  call: C,
  from: E164 | undefined,
  at: number,
  { claim = null, microsPerMinute }: { readonly claim?: string | null; readonly microsPerMinute?: number } = {},
): C {
  const attempt: Attempt = {
    n: call.attempts.length + 1,
    from: from ?? call.from ?? call.attempts.at(-1)?.from ?? UNKNOWN_NUMBER,
    dialedAt: at,
    claim,
    ...(microsPerMinute !== undefined && { microsPerMinute }),
    sid: null,
    carrierStatus: null,
    answeredAt: null,
    bridgedAt: null,
    transferAskedAt: null,
    over: null,
  };
  return {
    ...call,
    attempts: [...call.attempts, attempt],
    dials: call.dials + 1,
    answeredBy: null,
    goodbye: null,
    recording: null,
    measured: null,
    late: {},
  };
}

/** A dial that provably was not sent is no attempt: the next dial has its number again. */
export function withoutLastAttempt<C extends Call>(call: C): C {
  return { ...call, attempts: call.attempts.slice(0, -1) };
}

export function withAttempt<C extends Call>(call: C, n: number, change: Partial<Attempt>): C {
  return { ...call, attempts: call.attempts.map((attempt) => (attempt.n === n ? { ...attempt, ...change } : attempt)) };
}

/**
 * What an attempt knows of its leg after a word of the carrier: the SID binds once, the status never goes back, and nothing follows
 * a terminal one. The same object if there is nothing new.
 */
export function afterWord(attempt: Attempt, sid: CarrierCallId, status: CarrierStatus | null, at: number): Attempt {
  const isNews = status !== null && isLater(status, attempt.carrierStatus);
  const isAnswer = isNews && status === 'in-progress' && attempt.answeredAt === null;
  if (attempt.sid !== null && !isNews) return attempt;
  return {
    ...attempt,
    sid: attempt.sid ?? sid,
    carrierStatus: isNews ? status : attempt.carrierStatus,
    answeredAt: isAnswer ? at : attempt.answeredAt,
  };
}

const RANK: Readonly<Record<CarrierStatus, number>> = {
  queued: 0,
  initiated: 1,
  ringing: 2,
  'in-progress': 3,
  completed: 4,
  busy: 4,
  'no-answer': 4,
  failed: 4,
  canceled: 4,
};

export function isLater(status: CarrierStatus, than: CarrierStatus | null): boolean {
  return than === null || RANK[status] > RANK[than];
}

/** The carrier has said that this leg is over: the only proof. */
export function isProvenOver(attempt: Attempt): boolean {
  return attempt.carrierStatus !== null && isTerminal(attempt.carrierStatus);
}
