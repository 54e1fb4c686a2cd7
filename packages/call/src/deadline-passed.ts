import { attemptOf } from './attempts.js';
import type { AttemptEnd, Call, CallIn } from './call.js';
import {
  endingDeadline,
  isEndUnproven,
  isSettledByItself,
  isSubmissionLost,
  latestMoment,
  nextSettlingDeadline,
  placedGiveUpAt,
  queuedDeadline,
  unconfirmedDeadline,
} from './deadlines.js';
import { submissionLost } from './dial.js';
import type { Reason } from './disposition.js';
import type { EventOf } from './event.js';
import { toEnding, toExpired, toQueued, toSettling, toUnconfirmed, wakeHangup } from './moves.js';
import { factsOf, noNews, noted, type Transition } from './outcome.js';
import type { CallWithLeg } from './questions.js';
import { alarm } from './rules.js';
import { afterSettling } from './settled.js';

/** Nothing else happened in time. R4: only the deadline that the record has now, and only once it has passed. */
export function deadlinePassed(call: Call, { deadline, at }: EventOf<'deadline-passed'>): Transition {
  if (call.deadline !== deadline || at < deadline) return noNews(call);
  switch (call.state) {
    case 'scheduled':
      return at >= latestMoment(call) ? toExpired(call, at) : toQueued(factsOf(call), at, null);
    case 'queued':
      return stillQueued(call, at);
    case 'dialing':
      return toUnconfirmed(call, at);
    case 'unconfirmed':
      return stillUnconfirmed(call, at);
    case 'placed':
      return stillPlaced(call, at);
    case 'ringing':
      return watchdogEnds(call, { cause: 'no-answer', by: 'platform' }, at);
    case 'answered':
      return watchdogEnds(call, { cause: 'no-media', by: 'platform' }, at);
    case 'bridged':
      return watchdogEnds(
        call,
        { cause: call.pending.kind === 'transfer' ? 'transfer-failed' : 'max-duration', by: 'platform' },
        at,
      );
    case 'transferred':
      return watchdogEnds(call, { cause: 'max-duration', by: 'platform' }, at);
    case 'ending':
      return stillEnding(call, at);
    case 'settling':
      return stillSettling(call, at);
  }
}

function stillQueued(call: CallIn<'queued'>, at: number): Transition {
  if (at >= latestMoment(call)) return toExpired(call, at);
  const wakes = call.wakes + 1;
  return noted(
    { ...call, wakes, deadline: queuedDeadline(at, wakes, latestMoment(call)) },
    { type: 'wake-dialer', callId: call.callId },
  );
}

function stillUnconfirmed(call: CallIn<'unconfirmed'>, at: number): Transition {
  const attempt = attemptOf(call);
  if (isSubmissionLost(call, attempt, at)) return toSettling(call, submissionLost(at));
  return noted({ ...call, looks: call.looks + 1, deadline: unconfirmedDeadline(attempt, call.policy, at) }, wakeHangup(call));
}

/** First the carrier is asked, for a callback may be lost; then a call that waits inside the carrier is withdrawn. */
function stillPlaced(call: CallIn<'placed'>, at: number): Transition {
  const attempt = attemptOf(call);
  if (!call.asked) return noted({ ...call, asked: true, deadline: placedGiveUpAt(attempt, call.policy, at) }, wakeHangup(call));
  return watchdogEnds(call, { cause: attempt.carrierStatus === 'initiated' ? 'no-answer' : 'dial-expired', by: 'platform' }, at);
}

function stillEnding(call: CallIn<'ending'>, at: number): Transition {
  const attempt = attemptOf(call);
  if (isEndUnproven(call, attempt, at)) {
    const settling = toSettling(call, unproven(call, at));
    return { ...settling, effects: [...settling.effects, alarm(call, 'end-unproven')] };
  }
  const rounds = call.rounds + 1;
  return noted({ ...call, rounds, deadline: endingDeadline(call, attempt, rounds, at) }, wakeHangup(call));
}

function stillSettling(call: CallIn<'settling'>, at: number): Transition {
  if (isSettledByItself(call, at)) {
    const after = afterSettling(call, at);
    return { ...after, effects: [...after.effects, alarm(call, 'settled-by-itself')] };
  }
  const rounds = call.rounds + 1;
  return noted({ ...call, rounds, deadline: nextSettlingDeadline(call, rounds, at) }, wakeHangup(call));
}

function watchdogEnds(call: Exclude<CallWithLeg, CallIn<'ending'>>, reason: Reason, at: number): Transition {
  return toEnding(call, { ...reason, trigger: 'watchdog', at });
}

function unproven({ cause, by }: CallIn<'ending'>, at: number): AttemptEnd {
  return { at, disposition: 'unknown', cause, by, endedBy: 'none', proven: false, code: null };
}
