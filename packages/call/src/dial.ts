import { attemptOf, withNewAttempt, withoutLastAttempt } from './attempts.js';
import type { AttemptEnd, Call, CallIn } from './call.js';
import { dialingDeadline, latestMoment } from './deadlines.js';
import { causeOfRefusal } from './disposition.js';
import type { EventOf } from './event.js';
import { heardOfLeg, withLeg } from './leg.js';
import { toExpired, toPlaced, toQueued, toScheduled, toSettling, toUnconfirmed } from './moves.js';
import { factsOf, moved, noNews, type Transition } from './outcome.js';
import type { CallWithLeg } from './questions.js';

/** Something of the call's own keeps it from being dialed now. */
export function held(call: Call, event: EventOf<'held'>): Transition {
  return call.state === 'queued' ? toScheduled(factsOf(call), event.until, event.reason) : noNews(call);
}

export function dialStarted(call: Call, event: EventOf<'dial-started'>): Transition {
  // Past `queued` an earlier dialer may have reached the carrier: never dial twice.
  if (call.state !== 'queued' || event.n !== call.attempts.length + 1) return noNews(call);
  if (event.at >= latestMoment(call)) return toExpired(call, event.at);
  const dialing = withNewAttempt(call, event.from, event.at, event);
  return moved(
    { ...factsOf(dialing), state: 'dialing', deadline: dialingDeadline(event.at) },
    { type: 'place-call', callId: call.callId, n: event.n },
  );
}

/**
 * Nothing left this machine: the number is free again for the next dial. Believed only of the very dial that it speaks of, and only
 * while no leg is known: taking back a later dial would ring twice.
 */
export function notSent(call: CallWithLeg, event: EventOf<'not-sent'>): Transition {
  const isThisDial =
    event.claim === undefined ? (event.dial ?? call.attempts.length) === call.dials : event.claim === attemptOf(call).claim;
  if (!isThisDial) return noNews(call);
  switch (call.state) {
    case 'dialing':
    case 'unconfirmed':
      return toQueued(factsOf(withoutLastAttempt(call)), event.at, event.retryAt);
    case 'ending':
      return endedBeforeTheLeg(call, event.at, { proven: true, code: null });
    default:
      return noNews(call);
  }
}

/** The carrier said no: there is no leg, and that is proven. */
export function refusedByCarrier(call: CallWithLeg, event: EventOf<'refused'>): Transition {
  switch (call.state) {
    case 'dialing':
    case 'unconfirmed':
      return toSettling(call, {
        at: event.at,
        disposition: 'failed',
        cause: causeOfRefusal(event.code, event.retryable),
        by: 'carrier',
        endedBy: 'carrier',
        proven: true,
        code: event.code,
      });
    case 'ending':
      return endedBeforeTheLeg(call, event.at, { proven: true, code: event.code });
    default:
      return noNews(call);
  }
}

/** The proof of absence: two complete looks at the carrier's list. Weaker than a word of the carrier, so the end is unproven. */
export function notFound(call: CallWithLeg, event: EventOf<'not-found'>): Transition {
  if (call.state === 'unconfirmed') return toSettling(call, submissionLost(event.at));
  return call.state === 'ending' ? endedBeforeTheLeg(call, event.at, { proven: false, code: null }) : noNews(call);
}

/** The 201. */
export function accepted(call: CallWithLeg, event: EventOf<'accepted'>): Transition {
  if (call.state === 'dialing' || call.state === 'unconfirmed')
    return toPlaced(withLeg(call, event.sid, null, event.at), event.at);
  return heardOfLeg(call, withLeg(call, event.sid, null, event.at));
}

/** There may be a leg. Never repeated: it is looked for. */
export function unclear(call: CallWithLeg, event: EventOf<'unclear'>): Transition {
  return call.state === 'dialing' ? toUnconfirmed(call, event.at) : noNews(call);
}

export function submissionLost(at: number): AttemptEnd {
  return { at, disposition: 'failed', cause: 'submission-lost', by: 'platform', endedBy: 'none', proven: false, code: null };
}

/** The end was asked for while the request was on its way, and no leg came of it. */
function endedBeforeTheLeg(call: CallIn<'ending'>, at: number, end: Pick<AttemptEnd, 'proven' | 'code'>): Transition {
  // A leg that is known cannot have been refused: only the carrier's word for its SID ends it.
  if (attemptOf(call).sid !== null) return noNews(call);
  return toSettling(call, { at, disposition: 'canceled', cause: call.cause, by: call.by, endedBy: 'none', ...end });
}
