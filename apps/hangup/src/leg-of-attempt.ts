import { UNKNOWN_NUMBER, type Attempt, type Call } from '@onhook/call';
import type { CarrierCall } from '@onhook/carrier';

/** The carrier may stamp a leg a little before our own clock said that we asked. */
const EARLIER_MS = 5_000;
/** A create may be answered late, and the leg stamped later still. */
const LATER_MS = 75_000;

/** When a leg of this dial may have been created. */
export function dialInterval({ dialedAt }: Attempt): { readonly createdAfter: number; readonly createdBefore: number } {
  return { createdAfter: dialedAt - EARLIER_MS, createdBefore: dialedAt + LATER_MS };
}

/** May this leg be what came of that dial, by all that the carrier's list tells? */
export function isFromDial(leg: CarrierCall, call: Call, attempt: Attempt): boolean {
  const { createdAfter, createdBefore } = dialInterval(attempt);
  const isTimely = leg.createdAt === null || (leg.createdAt >= createdAfter && leg.createdAt <= createdBefore);
  // A record that had lost the dial may not know the caller id.
  const isFrom = attempt.from === UNKNOWN_NUMBER || leg.from === attempt.from;
  return leg.direction === 'outbound-api' && leg.parentSid === null && leg.to === call.to && isFrom && isTimely;
}
