import { leaseMs, timeLimitSec, type Call, type NewCallEvent } from '@onhook/call';
import { streamToken, type Carrier, type PlaceOutcome } from '@onhook/carrier';
import { statusCallbackPath, wakesOf, type DialPayload, type E164 } from '@onhook/contracts';
import type { JobHandler, Waker } from '@onhook/queue';
import type { Clock, Logger } from '@onhook/service';
import type { Admission, Applied, Calls } from '@onhook/store';
import type { Readiness } from './readiness.js';

/**
 * How long a grant of admission is good for. Checked in the very tick in which the request leaves, by a clock that a frozen
 * process cannot stop: a dialer that slept through its grant must not dial.
 */
const GRANT_LASTS_MS = 3_000;
/** Credentials are wrong: nothing will be dialed until somebody mends them, so ask rarely. */
const MISCONFIGURED_RETRY_MS = 30_000;
const NOBODY_READY_RETRY_MS = 1_000;

export interface DialDeps {
  readonly calls: Pick<Calls, 'load' | 'apply'>;
  readonly admission: Pick<Admission, 'ask'>;
  readonly carrier: Pick<Carrier, 'placeCall'>;
  readonly readiness: Readiness;
  readonly waker: Waker;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly streamTokenSecret: string;
}

/**
 * One dial job: at most one attempt, at most one request to the carrier. Safe to repeat: whoever finds the call past `queued`
 * leaves it alone, and only the process whose own commit moved it to `dialing` may send the request, once.
 */
export function createDial(deps: DialDeps): JobHandler<DialPayload> {
  const { calls, admission, readiness, waker, clock, logger } = deps;

  return async function dial({ callId }) {
    const loaded = await calls.load(callId);
    if (!loaded) return logger.warn({ callId }, 'dial job named an unknown call');
    const { call, now } = loaded;
    if (call.state !== 'queued') return;

    const ready = await readiness();
    if (!ready.ok) {
      logger.warn({ callId, reason: ready.reason }, 'dial waited');
      return { holdQueueMs: NOBODY_READY_RETRY_MS };
    }

    const n = call.attempts.length + 1;
    const askedAt = clock.monotonicMs();
    const admitted = await admission.ask({
      account: call.account,
      callId,
      n,
      to: call.to,
      from: call.from,
      leaseMs: leaseMs(call.policy),
    });
    if (admitted.verdict === 'account-waits') return { holdQueueMs: admitted.retryInMs };
    if (admitted.verdict === 'held') {
      await commit(call, { type: 'held', until: admitted.until, reason: admitted.reason, source: 'dialer' });
      return;
    }

    const started = await calls.apply(callId, { type: 'dial-started', n, from: admitted.from, source: 'dialer' });
    // Not ours: somebody else dials it, or it was canceled in between. The lease is freed when the call settles.
    if (!started?.effects.some((effect) => effect.type === 'place-call' && effect.n === n)) return;
    logger.info({ callId, attempt: n }, 'dial started');

    const outcome = await place(
      started.call,
      n,
      admitted.from,
      ready.streamUrl,
      () => clock.monotonicMs() - askedAt > GRANT_LASTS_MS,
    );
    logger.info(
      { callId, attempt: n, outcome: outcome.outcome, tookMs: Math.round(clock.monotonicMs() - askedAt) },
      'carrier answered the dial',
    );
    await commit(
      started.call,
      eventFor(outcome, { n, from: admitted.from, dial: started.call.dials, nowMs: now + (clock.monotonicMs() - askedAt) }),
    );
    if (outcome.outcome === 'misconfigured') {
      logger.error({ callId, code: outcome.code, reason: outcome.reason }, 'carrier refused our credentials');
      return { holdQueueMs: MISCONFIGURED_RETRY_MS };
    }
    return;
  };

  function place(call: Call, n: number, from: E164, streamUrl: string, expired: () => boolean): Promise<PlaceOutcome> {
    return deps.carrier.placeCall(
      {
        callId: call.callId,
        attempt: n,
        to: call.to,
        from,
        ringTimeoutSec: call.policy.ringTimeoutSec,
        timeLimitSec: timeLimitSec(call.policy),
        statusCallbackUrl: deps.publicUrl + statusCallbackPath(call.callId, n),
        streamUrl,
        streamToken: streamToken(deps.streamTokenSecret, call.callId, n),
      },
      expired,
    );
  }

  async function commit(call: Call, event: NewCallEvent): Promise<Applied | null> {
    const applied = await calls.apply(call.callId, event);
    if (applied) await waker(wakesOf(applied.effects));
    return applied;
  }
}

interface Dial {
  readonly n: number;
  readonly from: E164;
  /** Which dial this was: an attempt that was provably not sent is dialed again under the same number. */
  readonly dial: number;
  /** Redis time, as near as this process knows it. */
  readonly nowMs: number;
}

function eventFor(outcome: PlaceOutcome, { n, from, dial, nowMs }: Dial): NewCallEvent {
  const source = 'dialer' as const;
  switch (outcome.outcome) {
    case 'accepted':
      return { type: 'accepted', n, sid: outcome.sid, from, source };
    case 'refused':
      return { type: 'refused', n, code: outcome.code, retryable: outcome.retryable, source };
    case 'not-sent':
      return { type: 'not-sent', n, dial, retryAt: Math.round(nowMs + outcome.retryInMs), reason: outcome.reason, source };
    case 'misconfigured':
      return { type: 'not-sent', n, dial, retryAt: Math.round(nowMs + MISCONFIGURED_RETRY_MS), reason: outcome.reason, source };
    case 'unclear':
      return { type: 'unclear', n, reason: outcome.reason, from, source };
  }
}
