import type { Call, CallIn } from './call.js';
import { withSilentOwner } from './concluded.js';
import { ownerWordUntil } from './deadlines.js';
import type { EventOf } from './event.js';
import { toScheduled } from './moves.js';
import { factsOf, moved, noNews, type Transition } from './outcome.js';
import { nextAttemptAt } from './redial.js';

/** @returns no news if it speaks of another attempt: a worker that slept must not settle the next one unseen */
export function settled(call: Call, event: EventOf<'settled'>): Transition {
  if (call.state !== 'settling' || event.n !== call.attempts.length || awaitsOwner(call, event.at)) return noNews(call);
  return afterSettling(call, event.at);
}

/** The owner has yet to say how its stream closed: until then nobody knows why this call ended, so it is not told to be over. */
export function awaitsOwner(call: CallIn<'settling'>, at: number): boolean {
  const until = ownerWordUntil(call);
  return until !== null && at < until;
}

export function afterSettling(call: CallIn<'settling'>, at: number): Transition {
  const next = nextAttemptAt(call);
  if (next !== null) return toScheduled(factsOf(call), Math.max(next, at), 'redial');
  return moved({ ...factsOf(withSilentOwner(call)), state: 'ended', deadline: null, endedAt: at });
}
