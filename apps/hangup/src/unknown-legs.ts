import type { CarrierCall } from '@onhook/carrier';
import { isTerminal, type CarrierCallId } from '@onhook/contracts';

/** A record may be a little behind its leg: its callbacks, its commit. Younger ones are not judged. */
const OLDER_THAN_MS = 30_000;
/** Between the first look that does not know a leg and the one that condemns it: a list lags, a Redis may have just come back. */
const LOOKS_APART_MS = 10_000;

export interface Look {
  /** Wall time, which the carrier's stamps are compared with. */
  readonly now: number;
  /** By a clock that cannot be set back. */
  readonly monotonicMs: number;
  readonly legs: readonly CarrierCall[];
  /** SIDs that no record wants: none has them, or its attempt is over. */
  readonly unwanted: ReadonlySet<CarrierCallId>;
}

/** When each unwanted leg was first seen, by the monotonic clock. */
export type Suspects = ReadonlyMap<CarrierCallId, number>;

/**
 * A leg that we ourselves may have asked for: from a number of ours, by REST, and no child of another leg. Anything else on the
 * account (an inbound call, the person that a call was transferred to) is never ours to end.
 */
export function mayBeOurs(leg: CarrierCall, fromNumbers: ReadonlySet<string>): boolean {
  return leg.direction === 'outbound-api' && leg.parentSid === null && fromNumbers.has(leg.from) && !isTerminal(leg.status);
}

/** One look after another. Pure: whoever looks keeps the suspects. A leg that is wanted, or not listed, is a suspect no more. */
export function judgeLegs(before: Suspects, { now, monotonicMs, legs, unwanted }: Look) {
  const suspects = new Map<CarrierCallId, number>();
  const condemned: CarrierCall[] = [];
  for (const leg of legs) {
    if (!unwanted.has(leg.sid)) continue;
    const since = before.get(leg.sid) ?? monotonicMs;
    suspects.set(leg.sid, since);
    // Without a stamp of the carrier's it is as old as our own first sight of it.
    const ageMs = leg.createdAt === null ? monotonicMs - since : now - leg.createdAt;
    if (ageMs > OLDER_THAN_MS && monotonicMs - since >= LOOKS_APART_MS) condemned.push(leg);
  }
  return { suspects, condemned };
}
