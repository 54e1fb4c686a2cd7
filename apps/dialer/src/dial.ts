import { isOver, timeLimitSec, type Call, type NewCallEvent } from '@onhook/call';
import { streamToken, type Carrier, type PlaceOutcome } from '@onhook/carrier';
import { answeredByPath, statusCallbackPath, type CallId, type DialPayload, type E164 } from '@onhook/contracts';
import type { JobHandler } from '@onhook/queue';
import type { Chance, Clock, Logger } from '@onhook/service';
import {
  tellCampaign,
  type Admitted,
  type Applied,
  type Calls,
  type Contacts,
  type GatewayDirectory,
  type Places,
} from '@onhook/store';
import type { Admit } from './admit.js';
import type { LookBeforeDial } from './look-before-dial.js';
import type { OpenGateway, Readiness } from './readiness.js';
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
/** A grant that is older when the request could begin at last is asked for anew: connecting takes up to 2 s of it. */
const GRANT_IS_FRESH_MS = 500;
/** From the end of the ringing to the opening of the stream, the carrier's own delays among it. */
const STREAM_COMES_WITHIN_MS = 10_000;
/** Each dial of a call that was provably not sent is followed by a longer pause. */
const FIRST_AGAIN_MS = 250;
const LONGEST_PAUSE_MS = 60_000;

export interface DialDeps {
  readonly calls: Pick<Calls, 'load' | 'apply'>;
  readonly admit: Admit;
  readonly places: Pick<Places, 'release'>;
  readonly carrier: Pick<Carrier, 'placeCall'>;
  readonly readiness: Readiness;
  readonly directory: Pick<GatewayDirectory, 'expectStream'>;
  readonly lookBeforeDial: LookBeforeDial;
  /** Told of calls of campaigns: that one waits for long, or is in its next attempt. */
  readonly contacts?: Pick<Contacts, 'step' | 'hold'>;
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
  readonly granted: Granted;
}

type Asked = Awaited<ReturnType<Admit>> & { readonly gateways: readonly OpenGateway[] };
type Granted = Extract<Admitted, { verdict: 'granted' }>;

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

    const n = call.attempts.length + 1;
    const loadedAt = clock.monotonicMs();
    const redisNow = (): number => now + (clock.monotonicMs() - loadedAt);
    const asked = await askToDial(call, n, redisNow);
    if (!asked) return { holdQueueMs: NOBODY_READY_RETRY_MS };
    const { admitted } = asked;
    if (admitted.verdict === 'account-waits') return { holdQueueMs: admitted.retryInMs };
    if (admitted.verdict !== 'granted') return saveRefusal(call, admitted);

    // After the wait for its turn: another dialer may have dialed it meanwhile, and Redis have lost that.
    const looked = await lookBeforeDial(call);
    if (looked.verdict === 'held') {
      await release(call, n, admitted);
      return saveRefusal(call, looked);
    }
    // The place stays with the attempt that was found.
    if (looked.verdict === 'dialed') return;

    // If the look took its time: asked for again, the grant is the same or the attempt's next turn, at a gateway that is still there.
    const isFresh = clock.monotonicMs() - asked.askedAt <= GRANT_IS_FRESH_MS;
    const fresh = isFresh ? asked : await askToDial(call, n, redisNow);
    if (!fresh) {
      await release(call, n, admitted);
      return { holdQueueMs: NOBODY_READY_RETRY_MS };
    }
    if (fresh.admitted.verdict === 'account-waits') return { holdQueueMs: fresh.admitted.retryInMs };
    if (fresh.admitted.verdict !== 'granted') return saveRefusal(call, fresh.admitted);
    const granted = fresh.admitted;
    const mine: Dial = { n, from: granted.from, claim: chance.uuid(), askedAt: fresh.askedAt, granted };
    // Before the request: a gateway that is about to stop waits for the streams of what was dialed.
    const [started] = await Promise.all([begin(call, mine, redisNow), announce(call, granted)]);
    if (!started) return;
    logger.info({ callId, attempt: n, turnUs: granted.turnUs }, 'dial started');
    const told = call.campaign && n > 1 && tell(callId, () => deps.contacts && tellCampaign(deps.contacts, started));

    const outcome = await place(started, mine, mediaUrlOf(granted, fresh.gateways));
    logger.info(
      { callId, attempt: n, outcome: outcome.outcome, tookMs: Math.round(clock.monotonicMs() - mine.askedAt) },
      'carrier answered the dial',
    );
    // The place goes back before the number does: once the record says `queued` somebody else may hold it under the same name.
    if (outcome.outcome === 'not-sent' || outcome.outcome === 'misconfigured') await release(started, n, granted);
    await tellRecord(callId, eventFor(outcome, mine, redisNow(), pauseAfter(started)));
    await told;
    // Not this call's affair: the carrier cannot be reached, or wants fewer requests.
    if (outcome.outcome === 'not-sent' && outcome.retryInMs > 0) return { holdQueueMs: outcome.retryInMs };
    if (outcome.outcome !== 'misconfigured') return;
    logger.error({ callId, code: outcome.code, reason: outcome.reason }, 'carrier refused our credentials');
    return { holdQueueMs: MISCONFIGURED_RETRY_MS };
  };

  /** What admission says of the gateways that are open now. Null: nobody is ready. */
  async function askToDial(call: Call, n: number, redisNow: () => number): Promise<Asked | null> {
    const ready = await readiness();
    if (ready.ok) return { ...(await admit(call, n, { gateways: ready.gateways, redisNow })), gateways: ready.gateways };
    logger.warn({ callId: call.callId, reason: ready.reason }, 'dial waited');
    return null;
  }

  async function announce({ callId, policy }: Call, { gatewayId }: Granted): Promise<void> {
    if (!gatewayId) return;
    try {
      await deps.directory.expectStream(gatewayId, policy.ringTimeoutSec * 1_000 + STREAM_COMES_WITHIN_MS);
    } catch (error) {
      logger.warn({ err: error, callId }, 'gateway was not told of a dial');
    }
  }

  /** For its own reason the call is not dialed now, or never. */
  async function saveRefusal(
    { callId, campaign }: Call,
    admitted: Exclude<Admitted, { verdict: 'granted' | 'account-waits' }>,
  ): Promise<void> {
    if (admitted.verdict === 'held') {
      const { until, reason } = admitted;
      if (campaign) await tell(callId, () => deps.contacts?.hold(campaign.id, campaign.contact, until));
      await tellRecord(callId, { type: 'held', until, reason, source: 'dialer' });
      return;
    }
    logger.info({ callId, cause: admitted.cause }, 'call was refused by admission');
    await tellRecord(callId, { type: 'end-asked', cause: admitted.cause, by: admitted.by, source: 'dialer' });
  }

  /** A campaign that is not told now is told later, by its audit. */
  async function tell(callId: CallId, how: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await how();
    } catch (error) {
      logger.warn({ err: error, callId }, 'campaign was not told');
    }
  }

  /** The durable commit that is the only licence to send the request. Null: it is not ours to send. */
  async function begin(call: Call, { n, from, claim, granted }: Dial, redisNow: () => number): Promise<Call | null> {
    let started: Applied | null;
    try {
      const { microsPerMinute } = granted;
      started = await calls.apply(call.callId, { type: 'dial-started', n, from, claim, microsPerMinute, source: 'dialer' });
    } catch (error) {
      // The commit may stand or not; the request was not sent, and now will not be. The claim takes back our own dial only.
      logger.warn({ err: error, callId: call.callId, attempt: n }, 'dial could not be made durable');
      const retryAt = Math.round(redisNow() + NOT_DURABLE_RETRY_MS);
      await tellRecord(call.callId, { type: 'not-sent', n, claim, retryAt, reason: 'not-durable', source: 'dialer' });
      return null;
    }
    if (started?.effects.some((effect) => effect.type === 'place-call' && effect.n === n)) return started.call;
    // Somebody else dials it, or it ended in between; then nobody will ever free the place that we have just taken.
    if (!started || (isOver(started.call) && started.call.attempts.length < n)) await release(call, n, granted);
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

  /**
   * Only what this process was granted: if it slept meanwhile, another dialer may have asked for the attempt anew. A place that is not freed
   * runs out by itself, long after: worth a line, not worth the call.
   */
  async function release(call: Call, n: number, { askedUs }: Granted): Promise<void> {
    try {
      await places.release(call.account, call.callId, n, 'not-dialed', askedUs);
    } catch (error) {
      logger.warn({ err: error, callId: call.callId, attempt: n }, 'place was not given back');
    }
  }
}

function mediaUrlOf({ gatewayId }: Granted, gateways: readonly OpenGateway[]): string {
  const seat = gateways.find((gateway) => gateway.gatewayId === gatewayId);
  if (!seat) throw new Error('admission granted a seat that was not offered');
  return seat.mediaUrl;
}

/**
 * How long a dial waits at least that was not sent, by how many before it were not either: a carrier that is away is not stormed. All of the
 * call are counted, for the record does not say before which attempt they were: after a bad time the first one of a redial waits long too.
 */
function pauseAfter({ dials, attempts }: Call): number {
  const before = dials - attempts.length;
  return before === 0 ? 0 : Math.min(FIRST_AGAIN_MS * 2 ** before, LONGEST_PAUSE_MS);
}

/**
 * @param nowMs Redis time, as near as this process knows it
 * @param pauseMs what a dial that was not sent waits at least
 */
function eventFor(outcome: PlaceOutcome, { n, from, claim }: Dial, nowMs: number, pauseMs: number): NewCallEvent {
  const source = 'dialer' as const;
  switch (outcome.outcome) {
    case 'accepted':
      return { type: 'accepted', n, sid: outcome.sid, from, source };
    case 'refused':
      return { type: 'refused', n, code: outcome.code, retryable: outcome.retryable, source };
    case 'not-sent': {
      const retryAt = Math.round(nowMs + Math.max(outcome.retryInMs, pauseMs));
      return { type: 'not-sent', n, claim, retryAt, reason: outcome.reason, source };
    }
    case 'misconfigured':
      return { type: 'not-sent', n, claim, retryAt: Math.round(nowMs + MISCONFIGURED_RETRY_MS), reason: outcome.reason, source };
    case 'unclear':
      return { type: 'unclear', n, reason: outcome.reason, from, source };
  }
}
