import { currentAttempt, type Call } from '@onhook/call';
import type { Carrier, CarrierCall } from '@onhook/carrier';
import { isTerminal, shardOf, type E164, type Shard, type WaitReason } from '@onhook/contracts';
import type { Waker } from '@onhook/queue';
import type { Logger } from '@onhook/service';
import type { Calls, StoreLives } from '@onhook/store';
import { cautionFor, reignOf, type Reign } from './store-reign.js';
import type { TellRecord } from './tell-record.js';

/** Looks whether a call that the record takes for queued has been dialed already. */
export type LookBeforeDial = (call: Call) => Promise<
  | { readonly verdict: 'clear' }
  /** Doubt never dials. */
  | { readonly verdict: 'held'; readonly until: number; readonly reason: WaitReason }
  /** It has a leg, and the record knows it now. */
  | { readonly verdict: 'dialed' }
>;

export interface LookBeforeDialDeps {
  readonly lives: StoreLives;
  readonly carrier: Pick<Carrier, 'listCalls'>;
  readonly calls: Pick<Calls, 'findBySid'>;
  readonly tellRecord: TellRecord;
  readonly waker: Waker;
  readonly logger: Logger;
  readonly fromNumbers: readonly E164[];
  /** Else a leg that no record knows may be somebody else's healthy call: it is never made ours, which would end it. */
  readonly isAccountOursAlone: boolean;
}

/** The carrier's clock and Redis' may differ a little. */
const SKEW_MS = 5_000;
const LOOK_AGAIN_MS = 5_000;
/** A leg that holds a dial back may do so for long: it is not worth a question to the carrier every few seconds. */
const LEG_LOOK_AGAIN_MS = 15_000;

/**
 * A Redis that restarted or failed over may have lost the commit of a dial. Asked after the record was loaded and right before its next
 * dial is committed: the server that answers then is the one whose word `queued` is. Costs one question to Redis a dial, and after a
 * change one to the carrier.
 */
export function createLookBeforeDial(deps: LookBeforeDialDeps): LookBeforeDial {
  const { lives, carrier, calls, tellRecord, waker, logger } = deps;
  const fromNumbers = new Set<string>(deps.fromNumbers);
  const reigns = new Map<Shard, Reign>();

  return async function lookBeforeDial(call) {
    const { callId } = call;
    const life = await lives.of(callId);
    const reign = reignNow(shardOf(callId), life);
    const caution = cautionFor(reign, call.createdAt, currentAttempt(call)?.dialedAt ?? null, life.now);
    if (caution.kind === 'none') return { verdict: 'clear' };
    if (caution.kind === 'wait') return { verdict: 'held', until: caution.until, reason: 'store-restarted' };

    const listed = await carrier.listCalls({ to: call.to, createdAfter: caution.since - SKEW_MS });
    if (listed.outcome === 'failed' || !listed.complete) {
      logger.warn({ callId, outcome: listed.outcome }, 'carrier list could not be read before a dial');
      return { verdict: 'held', until: life.now + LOOK_AGAIN_MS, reason: 'carrier-list-away' };
    }
    const { unknown, known } = await legsByOwner(listed.calls);
    const own = unknown.filter(({ createdAt }) => (createdAt ?? Infinity) >= caution.ownSince - SKEW_MS);
    const [oldest, ...others] = own;
    if (oldest && deps.isAccountOursAlone) {
      await adopt(call, oldest, others);
      return { verdict: 'dialed' };
    }
    // Its record has found it again, and the fence of its number may still be lost with the place in admission.
    const fenced = known.filter(({ status }) => !isTerminal(status));
    if (fenced.length > 0) {
      logger.warn({ callId, sids: fenced.map(({ sid }) => sid) }, 'dial waited: another call has a leg to its number');
      return { verdict: 'held', until: life.now + LOOK_AGAIN_MS, reason: 'store-restarted' };
    }
    if (unknown.length === 0) return { verdict: 'clear' };
    logger.warn(
      { callId, sids: unknown.map(({ sid }) => sid) },
      'dial waited: the carrier has a leg to its number that no record knows',
    );
    return { verdict: 'held', until: life.now + LEG_LOOK_AGAIN_MS, reason: 'store-restarted' };
  };

  function reignNow(shard: Shard, life: Parameters<typeof reignOf>[1]): Reign {
    const known = reigns.get(shard);
    const reign = reignOf(known, life);
    reigns.set(shard, reign);
    if (known && known !== reign) logger.warn({ shard }, 'redis restarted or failed over: every dial is preceded by a look');
    return reign;
  }

  /** Dials of ours that no record knows of, and the others; oldest first. */
  async function legsByOwner(legs: readonly CarrierCall[]): Promise<{ unknown: CarrierCall[]; known: CarrierCall[] }> {
    const ours = legs
      .filter((leg) => leg.direction === 'outbound-api' && leg.parentSid === null && fromNumbers.has(leg.from))
      .toSorted((a, b) => (a.createdAt ?? Infinity) - (b.createdAt ?? Infinity));
    const owners = await Promise.all(ours.map((leg) => calls.findBySid(leg.sid)));
    return { unknown: ours.filter((_, i) => owners[i] === null), known: ours.filter((_, i) => owners[i] !== null) };
  }

  /** The record was behind (R2): the leg, live or over, is its next attempt. */
  async function adopt(call: Call, leg: CarrierCall, others: readonly CarrierCall[]): Promise<void> {
    const n = call.attempts.length + 1;
    logger.error(
      { callId: call.callId, attempt: n, carrierCallId: leg.sid, status: leg.status },
      'dial was found that redis had lost',
    );
    await tellRecord(call.callId, {
      type: 'carrier',
      n,
      sid: leg.sid,
      status: leg.status,
      via: 'look',
      from: leg.from as E164,
      ...(leg.durationSec !== null && { durationSec: leg.durationSec }),
      source: 'dialer',
    });
    if (others.length > 0) await waker(others.map(({ sid }) => ({ type: 'stray', sid })));
  }
}
