import type { Call, CallIn } from './call.js';
import type { EventOf } from './event.js';
import { toScheduled } from './moves.js';
import { factsOf, moved, noNews, type Transition } from './outcome.js';
import { nextAttemptAt } from './redial.js';

/** @returns no news if it speaks of another attempt: a worker that slept must not settle the next one unseen */
export function settled(call: Call, event: EventOf<'settled'>): Transition {
  return call.state === 'settling' && event.n === call.attempts.length ? afterSettling(call, event.at) : noNews(call);
}

export function afterSettling(call: CallIn<'settling'>, at: number): Transition {
  const next = nextAttemptAt(call);
  if (next !== null) return toScheduled(factsOf(call), Math.max(next, at), 'redial');
  return moved({ ...factsOf(call), state: 'ended', deadline: null, endedAt: at });
}
