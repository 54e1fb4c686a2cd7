import { isOver, timeLimitSec, type Call, type NewCallEvent } from '@onhook/call';
import { streamToken, type Carrier, type PlaceOutcome } from '@onhook/carrier';
import { answeredByPath, statusCallbackPath, type CallId, type DialPayload, type E164 } from '@onhook/contracts';
import type { JobHandler } from '@onhook/queue';
import type { Chance, Clock, Logger } from '@onhook/service';
import type { Admitted, Applied, Calls, Places } from '@onhook/store';
import type { Admit } from './admit.js';
import type { LookBeforeDial } from './look-before-dial.js';
import type { Readiness } from './readiness.js';
import type { TellRecord } from './tell-record.js';

/**
 * How long a grant of admission is good for. Checked in the very tick in which the request leaves, by a clock that a frozen
 * process cannot stop: a dialer that slept through its grant must not dial.
 */
const GRANT_LASTS_MS = 3_000;
/** Credentials are wrong: nothing will be dialed until somebody mends them, so ask rarely. */
const MISCONFIGURED_RETRY_MS = 30_000;
const NOBODY_READY_RETRY_MS = 1_000;
/** Redis did not say that the dial is on the record: it is tried again once Redis does. */
const NOT_DURABLE_RETRY_MS = 1_000;

export interface DialDeps {
  readonly calls: Pick<Calls, 'load' | 'apply'>;
  readonly admit: Admit;
  readonly places: Pick<Places, 'release'>;
  readonly carrier: Pick<Carrier, 'placeCall'>;
  readonly readiness: Readiness;
  readonly lookBeforeDial: LookBeforeDial;
  readonly tellRecord: TellRecord;
  readonly clock: Clock;
  readonly chance: Pick<Chance, 'uuid'>;
  readonly logger: Logger;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly streamTokenSecret: string;
}

/** One try at one attempt. */
interface Dial {
  readonly n: number;
  readonly from: E164;
  /** Of this try alone: what it takes back is its own dial and no other. */
  readonly claim: string;
  readonly askedAt: number;
}

/**
 * One dial job: at most one attempt, at most one request to the carrier. Safe to repeat: whoever finds the call past `queued`
 * leaves it alone, and only the process whose own commit moved it to `dialing` may send the request, once.
 */
export function createDial(deps: DialDeps): JobHandler<DialPayload> {
  const { calls, admit, places, readiness, lookBeforeDial, tellRecord, clock, chance, logger } = deps;

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
    const loadedAt = clock.monotonicMs();
    const { admitted, askedAt } = await admit(call, n);
    if (admitted.verdict === 'account-waits') return { holdQueueMs: admitted.retryInMs };
    if (admitted.verdict !== 'granted') return saveRefusal(callId, admitted);

    // After the wait for its turn: another dialer may have dialed it meanwhile, and Redis have lost that.
    const looked = await lookBeforeDial(call);
    if (looked.verdict === 'held') {
      await release(call, n);
      return saveRefusal(callId, looked);
    }
    // The place stays with the attempt that was found.
    if (looked.verdict === 'dialed') return;

    const mine: Dial = { n, from: admitted.from, claim: chance.uuid(), askedAt };
    const redisNow = (): number => now + (clock.monotonicMs() - loadedAt);
    const started = await begin(call, mine, redisNow);
    if (!started) return;
    logger.info({ callId, attempt: n }, 'dial started');

    const outcome = await place(started, mine, ready.takeSeat());
    logger.info(
      { callId, attempt: n, outcome: outcome.outcome, tookMs: Math.round(clock.monotonicMs() - askedAt) },
      'carrier answered the dial',
    );
    // The place goes back before the number does: once the record says `queued` somebody else may hold it under the same name.
    if (outcome.outcome === 'not-sent' || outcome.outcome === 'misconfigured') await release(started, n);
    await tellRecord(callId, eventFor(outcome, mine, redisNow()));
    if (outcome.outcome !== 'misconfigured') return;
    logger.error({ callId, code: outcome.code, reason: outcome.reason }, 'carrier refused our credentials');
    return { holdQueueMs: MISCONFIGURED_RETRY_MS };
  };

  /** For its own reason the call is not dialed now, or never. */
  async function saveRefusal(
    callId: CallId,
    admitted: Exclude<Admitted, { verdict: 'granted' | 'account-waits' }>,
  ): Promise<void> {
    if (admitted.verdict === 'held') {
      await tellRecord(callId, { type: 'held', until: admitted.until, reason: admitted.reason, source: 'dialer' });
      return;
    }
    logger.info({ callId, cause: admitted.cause }, 'call was refused by admission');
    await tellRecord(callId, { type: 'end-asked', cause: admitted.cause, by: admitted.by, source: 'dialer' });
  }

  /** The durable commit that is the only licence to send the request. Null: it is not ours to send. */
  async function begin(call: Call, { n, from, claim }: Dial, redisNow: () => number): Promise<Call | null> {
    let started: Applied | null;
    try {
      started = await calls.apply(call.callId, { type: 'dial-started', n, from, claim, source: 'dialer' });
    } catch (error) {
      // The commit may stand or not; the request was not sent, and now will not be. The claim takes back our own dial only.
      logger.warn({ err: error, callId: call.callId, attempt: n }, 'dial could not be made durable');
      const retryAt = Math.round(redisNow() + NOT_DURABLE_RETRY_MS);
      await tellRecord(call.callId, { type: 'not-sent', n, claim, retryAt, reason: 'not-durable', source: 'dialer' });
      return null;
    }
    if (started?.effects.some((effect) => effect.type === 'place-call' && effect.n === n)) return started.call;
    // Somebody else dials it, or it ended in between; then nobody will ever free the place that we have just taken.
    if (!started || (isOver(started.call) && started.call.attempts.length < n)) await release(call, n);
    return null;
  }

  function place(call: Call, { n, from, askedAt }: Dial, streamUrl: string): Promise<PlaceOutcome> {
    const isStale = (): boolean => clock.monotonicMs() - askedAt > GRANT_LASTS_MS;
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
        ...(call.policy.detectsMachines && {
          machineDetection: { callbackUrl: deps.publicUrl + answeredByPath(call.callId, n) },
        }),
      },
      isStale,
    );
  }

  /** A place that is not freed runs out by itself, long after: worth a line, not worth the call. */
  async function release(call: Call, n: number): Promise<void> {
    try {
      await places.release(call.account, call.callId, n, 'not-dialed');
    } catch (error) {
      logger.warn({ err: error, callId: call.callId, attempt: n }, 'place was not given back');
    }
  }
}

/** @param nowMs Redis time, as near as this process knows it */
function eventFor(outcome: PlaceOutcome, { n, from, claim }: Dial, nowMs: number): NewCallEvent {
  const source = 'dialer' as const;
  switch (outcome.outcome) {
    case 'accepted':
      return { type: 'accepted', n, sid: outcome.sid, from, source };
    case 'refused':
      return { type: 'refused', n, code: outcome.code, retryable: outcome.retryable, source };
    case 'not-sent':
      return { type: 'not-sent', n, claim, retryAt: Math.round(nowMs + outcome.retryInMs), reason: outcome.reason, source };
    case 'misconfigured':
      return { type: 'not-sent', n, claim, retryAt: Math.round(nowMs + MISCONFIGURED_RETRY_MS), reason: outcome.reason, source };
    case 'unclear':
      return { type: 'unclear', n, reason: outcome.reason, from, source };
  }
}
