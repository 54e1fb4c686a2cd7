import type { Layer } from '@onhook/contracts';
import { withAttempt, attemptOf } from './attempts.js';
import type { AttemptEnd, Call, CallFacts, CallIn, Owner } from './call.js';
import {
  answeredDeadline,
  bridgedDeadline,
  endingDeadline,
  latestMoment,
  placedDeadline,
  queuedDeadline,
  ringingDeadline,
  scheduledDeadline,
  settlingDeadline,
  unconfirmedDeadline,
} from './deadlines.js';
import { committedReason, type Reason } from './disposition.js';
import { factsOf, moved, type Transition } from './outcome.js';
import { ownerOf, type CallWithLeg, type WaitingCall } from './questions.js';

/*
 * One function for each way into a state: it drops what belonged to the state before, sets the one deadline, and asks for the wakes.
 */

export function toScheduled(facts: CallFacts, notBefore: number, waitReason: string): Transition {
  const deadline = scheduledDeadline(notBefore, latestMoment(facts));
  return moved({ ...facts, state: 'scheduled', deadline, notBefore, waitReason });
}

/** @param dialAt when the dialer should come; null = at once */
export function toQueued(facts: CallFacts, at: number, dialAt: number | null): Transition {
  const deadline = queuedDeadline(Math.max(at, dialAt ?? at), 0, latestMoment(facts));
  const wake = { type: 'wake-dialer', callId: facts.callId, ...(dialAt !== null && { at: dialAt }) } as const;
  return moved({ ...facts, state: 'queued', deadline, wakes: 0 }, wake);
}

export function toUnconfirmed(call: CallIn<'dialing'>, at: number): Transition {
  const deadline = unconfirmedDeadline(attemptOf(call), call.policy, at);
  return moved({ ...factsOf(call), state: 'unconfirmed', deadline, looks: 0 }, wakeHangup(call));
}

export function toPlaced(call: CallWithLeg, at: number): Transition {
  return moved({ ...factsOf(call), state: 'placed', deadline: placedDeadline(at), asked: false });
}

export function toRinging(call: CallWithLeg, at: number): Transition {
  return moved({ ...factsOf(call), state: 'ringing', deadline: ringingDeadline(call.policy, at) });
}

export function toAnswered(call: CallWithLeg, at: number): Transition {
  return moved({ ...factsOf(call), state: 'answered', deadline: answeredDeadline(at) });
}

export function toBridged(call: CallWithLeg, owner: Owner, at: number): Transition {
  const { answeredAt } = attemptOf(call);
  const bridged = withAttempt(call, attemptOf(call).n, { answeredAt: answeredAt ?? at, bridgedAt: at });
  const deadline = bridgedDeadline(answeredAt ?? at, call.policy);
  return moved({ ...factsOf(bridged), state: 'bridged', deadline, owner, pending: { kind: 'none' } });
}

export interface Ending extends Reason {
  readonly trigger: Layer;
  readonly at: number;
  /** The end of the whole call is wanted, not only of this attempt. */
  readonly canceled?: boolean;
  /** The stream is closed already: no gateway is left to be told. */
  readonly isClosed?: boolean;
}

/** From any state with a leg. The end that was committed to first stays (R8). */
export function toEnding(call: Exclude<CallWithLeg, CallIn<'ending'>>, ending: Ending): Transition {
  const { cause, by, trigger, at, canceled = false, isClosed = false } = ending;
  const committed = committedReason(call);
  const next: Call = {
    ...factsOf(call),
    state: 'ending',
    deadline: endingDeadline(call, attemptOf(call), 0, at),
    ...(committed ?? { cause, by }),
    trigger,
    askedAt: at,
    owner: isClosed ? null : ownerOf(call),
    rounds: 0,
    // Last words are an operator's, and mean the whole call.
    canceled: canceled || committed !== null,
  };
  return moved(next, wakeHangup(call));
}

/** The present attempt is over. */
export function toSettling(call: CallWithLeg, end: AttemptEnd): Transition {
  const over = withAttempt(call, attemptOf(call).n, { over: end });
  const canceled = call.state === 'ending' && call.canceled;
  const deadline = settlingDeadline(0, end.at);
  return moved({ ...factsOf(over), state: 'settling', deadline, owner: ownerOf(call), rounds: 0, canceled }, wakeHangup(call));
}

/** Canceled or expired while it waited: there is no leg. */
export function toSettlingUndialed(
  call: WaitingCall,
  disposition: 'canceled' | 'expired',
  { cause, by }: Reason,
  at: number,
): Transition {
  const end: AttemptEnd = { at, disposition, cause, by, endedBy: 'none', proven: true, code: null };
  const deadline = settlingDeadline(0, at);
  return moved({ ...factsOf(call), end, state: 'settling', deadline, owner: null, rounds: 0, canceled: true }, wakeHangup(call));
}

export function toExpired(call: WaitingCall, at: number): Transition {
  return toSettlingUndialed(call, 'expired', { cause: 'expired', by: 'platform' }, at);
}

export function wakeHangup(call: Call) {
  return { type: 'wake-hangup', callId: call.callId } as const;
}
