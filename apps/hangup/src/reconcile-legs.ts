import { type Attempt, type Call } from '@onhook/call';
import type { Carrier, CarrierCall } from '@onhook/carrier';
import { isTerminal, type CallId, type CarrierCallId } from '@onhook/contracts';
import type { Clock, Logger } from '@onhook/service';
import { isNewerSchema, type Calls } from '@onhook/store';
import { inBatches } from './in-batches.js';
import type { EndStray } from './stray.js';
import { isFromDial } from './leg-of-attempt.js';
import { judgeLegs, mayBeOurs, type Suspects } from './unknown-legs.js';

export interface ReconcileLegsDeps {
  readonly carrier: Pick<Carrier, 'listCalls'>;
  readonly calls: Pick<Calls, 'findBySid' | 'load' | 'underWay'>;
  readonly endStray: EndStray;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fromNumbers: readonly string[];
  /** Nobody else places calls from these numbers on this account. Only then is an unknown leg hung up; else it is reported. */
  readonly isAccountOursAlone: boolean;
}

/** How many legs' records are asked for at a time. */
const AT_ONCE = 50;
const ENDED_AT_ONCE = 10;

/**
 * The layer for a call whose record is lost or wrong: one look at what the carrier says is up. Each hangup process looks for itself;
 * two that find the same leg hang it up twice, which does no harm.
 */
export function createReconcileLegs(deps: ReconcileLegsDeps): () => Promise<void> {
  const { carrier, calls, endStray, clock, logger, isAccountOursAlone } = deps;
  const fromNumbers = new Set(deps.fromNumbers);
  const reported = new Set<CarrierCallId>();
  let suspects: Suspects = new Map();

  return async function reconcileLegs() {
    const listed = await carrier.listCalls({ createdAfter: 0, live: true });
    if (listed.outcome === 'failed') return logger.warn({ reason: listed.reason }, 'live legs could not be listed');
    const legs = listed.calls.filter((leg) => mayBeOurs(leg, fromNumbers));
    const unwanted = new Set<CarrierCallId>();
    await inBatches(legs, AT_ONCE, async ({ sid }) => void ((await isWanted(sid)) || unwanted.add(sid)));
    const judged = judgeLegs(suspects, { now: clock.now(), monotonicMs: clock.monotonicMs(), legs, unwanted });
    suspects = judged.suspects;
    for (const sid of reported) if (!suspects.has(sid)) reported.delete(sid);
    if (judged.condemned.length > 0) await end(judged.condemned);
  };

  /** A record has it, and does not take it for over. */
  async function isWanted(sid: CarrierCallId): Promise<boolean> {
    const callId = await calls.findBySid(sid);
    const attempt = callId && (await attemptOf(callId, sid));
    if (attempt === 'newer') return true;
    if (!attempt) return false;
    // Over by the carrier's own word, it is the list that lags.
    return attempt.over === null || (attempt.carrierStatus !== null && isTerminal(attempt.carrierStatus));
  }

  async function attemptOf(callId: CallId, sid: CarrierCallId): Promise<Attempt | 'newer' | undefined> {
    try {
      return (await calls.load(callId))?.call.attempts.find((one) => one.sid === sid);
    } catch (error) {
      if (isNewerSchema(error)) return 'newer';
      throw error;
    }
  }

  async function end(condemned: readonly CarrierCall[]): Promise<void> {
    const unbound = await unboundAttempts();
    // An unclear dial of ours: the looks at the list will bind its leg, and it lives.
    const unknown = condemned.filter((leg) => !unbound.some(({ call, attempt }) => isFromDial(leg, call, attempt)));
    if (isAccountOursAlone) return inBatches(unknown, ENDED_AT_ONCE, hangUp);
    for (const { sid, status } of unknown) {
      if (!reported.has(sid)) logger.error({ carrierCallId: sid, status }, 'leg without a record was found and left alone');
      reported.add(sid);
    }
  }

  async function hangUp({ sid, status }: CarrierCall): Promise<void> {
    logger.error({ carrierCallId: sid, status, layer: 'reconciler' }, 'leg without a record is hung up');
    try {
      await endStray(sid);
    } catch (error) {
      logger.error({ err: error, carrierCallId: sid }, 'leg without a record could not be ended yet');
    }
  }

  /** @throws NewerSchema if any record is of a newer release: it may have such an attempt, so this process condemns nobody. */
  async function unboundAttempts(): Promise<{ call: Call; attempt: Attempt }[]> {
    const found: { call: Call; attempt: Attempt }[] = [];
    await inBatches(await calls.underWay(), AT_ONCE, async (callId) => {
      const call = (await calls.load(callId))?.call;
      const attempt = call?.attempts.at(-1);
      if (call && attempt && attempt.sid === null && attempt.over === null) found.push({ call, attempt });
    });
    return found;
  }
}
