import { UNKNOWN_NUMBER, type Attempt, type Call, type NewCallEvent } from '@onhook/call';
import type { Carrier, CarrierCall } from '@onhook/carrier';
import type { CarrierCallId } from '@onhook/contracts';
import type { Logger } from '@onhook/service';
import type { Calls } from '@onhook/store';
import { dialInterval, isFromDial } from './leg-of-attempt.js';

const PROOF_APART_MS = 30_000;
const PROOF_AFTER_MS = 160_000;
const REMEMBERED_CALLS = 10_000;

export type LookForLeg = (
  call: Call,
  attempt: Attempt,
  nowMs: number,
) => Promise<{ event: NewCallEvent | null; strays: CarrierCallId[] }>;

/**
 * Looks at the carrier's list for the leg of an attempt whose request had no clear answer. Absence is proven only by two complete
 * looks at least 30 s apart, the later at least 160 s after the request. The first look is remembered by this process only: if it
 * dies, the proof takes one look more.
 */
export function createLookForLeg({
  carrier,
  calls,
  logger,
}: {
  carrier: Pick<Carrier, 'listCalls'>;
  calls: Pick<Calls, 'findBySid'>;
  logger: Logger;
}): LookForLeg {
  const emptySince = new Map<string, number>();

  return async function lookForLeg(call, attempt, nowMs) {
    const nothing = { event: null, strays: [] };
    const listed = await carrier.listCalls({
      to: call.to,
      // A record that had lost the dial may not know the caller id.
      ...(attempt.from !== UNKNOWN_NUMBER && { from: attempt.from }),
      ...dialInterval(attempt),
    });
    if (listed.outcome === 'failed') {
      logger.warn({ callId: call.callId, attempt: attempt.n, reason: listed.reason }, 'carrier list could not be read');
      return nothing;
    }
    const legs = await ours(call, attempt, listed.calls);
    const [oldest, ...others] = legs;
    // With its moment: a dial that was taken back leaves its number to the next.
    const key = `${call.callId}:${attempt.n}:${attempt.dialedAt}`;
    if (oldest) {
      emptySince.delete(key);
      logger.info({ callId: call.callId, attempt: attempt.n, legs: legs.length }, 'leg was found in the carrier list');
      return {
        event: { type: 'carrier', n: attempt.n, sid: oldest.sid, status: oldest.status, via: 'look', source: 'hangup' },
        strays: others.map((leg) => leg.sid),
      };
    }
    if (!listed.complete) return nothing;
    const since = emptySince.get(key);
    if (since !== undefined && nowMs - since >= PROOF_APART_MS && nowMs - attempt.dialedAt >= PROOF_AFTER_MS) {
      emptySince.delete(key);
      return { event: { type: 'not-found', n: attempt.n, source: 'hangup' }, strays: [] };
    }
    if (since === undefined) remember(key, nowMs);
    return nothing;
  };

  /** Legs that we may have asked for in that interval and that no other attempt owns; oldest first. */
  async function ours(call: Call, attempt: Attempt, legs: readonly CarrierCall[]): Promise<CarrierCall[]> {
    const isOfAnother = (sid: CarrierCallId): boolean =>
      call.attempts.some((other) => other.n !== attempt.n && other.sid === sid);
    const candidates = legs.filter((leg) => isFromDial(leg, call, attempt));
    const owners = await Promise.all(candidates.map((leg) => calls.findBySid(leg.sid)));
    return candidates
      .filter((leg, i) => owners[i] === null || (owners[i] === call.callId && !isOfAnother(leg.sid)))
      .sort((a, b) => (a.createdAt ?? Infinity) - (b.createdAt ?? Infinity));
  }

  function remember(key: string, nowMs: number): void {
    if (emptySince.size >= REMEMBERED_CALLS) emptySince.delete(emptySince.keys().next().value as string);
    emptySince.set(key, nowMs);
  }
}
