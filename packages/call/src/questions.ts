import type { E164 } from '@onhook/contracts';
import type { Attempt, AttemptEnd, Call, CallIn, Owner } from './call.js';

/** Stands for a caller id that nobody could tell: the record had lost the dial (R2). */
export const UNKNOWN_NUMBER = '' as E164;

/** A call whose last attempt has, or may have, a leg at the carrier. */
export type CallWithLeg = CallIn<
  'dialing' | 'unconfirmed' | 'placed' | 'ringing' | 'answered' | 'bridged' | 'transferred' | 'ending'
>;
/** A call that is waiting to be dialed. */
export type WaitingCall = CallIn<'scheduled' | 'queued'>;

/** Has a leg at the carrier, or may have one. */
export function isLive(call: Call): call is CallWithLeg {
  return !isWaiting(call) && !isOver(call);
}

export function isWaiting(call: Call): call is WaitingCall {
  return call.state === 'scheduled' || call.state === 'queued';
}

/** No leg is left (or none that we can prove): the end is being settled, or is. */
export function isOver(call: Call): call is CallIn<'settling' | 'ended'> {
  return call.state === 'settling' || call.state === 'ended';
}

/** The last attempt, over or not; null before the first dial. */
export function currentAttempt(call: Call): Attempt | null {
  return call.attempts.at(-1) ?? null;
}

/** The SID of the last attempt, if it is known. */
export function currentSid(call: Call): Attempt['sid'] {
  return currentAttempt(call)?.sid ?? null;
}

/** The gateway that holds, or may still hold, the media stream. */
export function ownerOf(call: Call): Owner | null {
  return call.state === 'bridged' || call.state === 'ending' || call.state === 'settling' ? call.owner : null;
}

/** How it ended: the call itself if it ended while it waited, else its last attempt. Null while nothing has ended. */
export function lastEnd(call: Call): AttemptEnd | null {
  return call.end ?? currentAttempt(call)?.over ?? null;
}

/** The number that the next dial will have. */
export function nextAttemptNumber(call: Call): number {
  return call.attempts.length + 1;
}
