import type { Call } from './call.js';
import { queuedDeadline, latestMoment, scheduledDeadline } from './deadlines.js';
import type { EventOf } from './event.js';
import { toQueued, toScheduled } from './moves.js';
import { factsOf, noNews, noted, type Transition } from './outcome.js';
import { isWaiting, type WaitingCall } from './questions.js';

/** An operator changes what a call that waits is about, and when it is dialed. Once a phone may ring it is too late. */
export function amended(call: Call, event: EventOf<'amended'>): Transition {
  if (!isWaiting(call)) return noNews(call);
  const { notBefore, at } = event;
  const changed = withFacts(call, event);
  const after =
    notBefore === undefined
      ? stillWaiting(call, changed, at)
      : notBefore > at
        ? rescheduled(changed, notBefore)
        : requeued(changed, at);
  return isSame(after.call, call) ? noNews(call) : after;
}

function withFacts(call: WaitingCall, { latestAt, variables, metadata }: EventOf<'amended'>): WaitingCall {
  return {
    ...call,
    ...(variables !== undefined && { variables }),
    ...(metadata !== undefined && { metadata }),
    ...(latestAt !== undefined && { policy: { ...call.policy, latestAt } }),
  };
}

function stillWaiting(before: WaitingCall, call: WaitingCall, at: number): Transition {
  const latest = latestMoment(call);
  if (latest === latestMoment(before)) return noted(call);
  const deadline =
    call.state === 'scheduled' ? scheduledDeadline(call.notBefore, latest) : queuedDeadline(at, call.wakes, latest);
  return noted({ ...call, deadline });
}

/** What held it back may have passed: asked anew, admission will say so again if it has not. */
function requeued(call: WaitingCall, at: number): Transition {
  const now = toQueued(factsOf(call), at, null);
  return call.state === 'queued' ? noted(now.call, ...now.effects) : now;
}

function rescheduled(call: WaitingCall, notBefore: number): Transition {
  const later = toScheduled(factsOf(call), notBefore, 'not-before');
  return call.state === 'scheduled' ? noted(later.call) : later;
}

function isSame(one: Call, other: Call): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Call>;
  return [...names].every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
}
