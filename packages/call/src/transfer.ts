import { attemptOf, withAttempt } from './attempts.js';
import type { Call, CallIn } from './call.js';
import { bridgedDeadline, transferDeadline, transferredDeadline } from './deadlines.js';
import type { EventOf } from './event.js';
import { factsOf, moved, noNews, noted, type Transition } from './outcome.js';
import type { CallWithLeg } from './questions.js';

/** The intent is committed before the redirect; only the process of this very commit sends it. */
export function transferAsked(call: Call, event: EventOf<'transfer-asked'>): Transition {
  if (call.state !== 'bridged' || call.owner.streamSid !== event.streamSid || call.pending.kind !== 'none') return noNews(call);
  const { n, sid, answeredAt } = attemptOf(call);
  if (sid === null) return noNews(call);
  const deadline = transferDeadline(event.at, answeredAt ?? event.at, call.policy);
  return noted(
    { ...withAttempt(call, n, { transferAskedAt: event.at }), deadline, pending: { kind: 'transfer', targetId: event.targetId } },
    { type: 'redirect', callId: call.callId, sid, targetId: event.targetId },
  );
}

/** The conversation goes on as before. In doubt the redirect is not forgotten: a stream that closes soon was taken away by it. */
export function transferFailed(call: Call, event: EventOf<'transfer-failed'>): Transition {
  if (call.state !== 'bridged' || call.owner.streamSid !== event.streamSid || call.pending.kind !== 'transfer')
    return noNews(call);
  const attempt = attemptOf(call);
  const deadline = bridgedDeadline(attempt.answeredAt ?? event.at, call.policy);
  const known = event.certain ? withAttempt(call, attempt.n, { transferAskedAt: null }) : call;
  return noted({ ...known, deadline, pending: { kind: 'none' } });
}

/** The child's first callback: the redirect runs. Believed also after `transfer-failed`, for the reply may have been what was lost. */
export function transferJoined(call: CallWithLeg, event: EventOf<'transfer-joined'>): Transition {
  if (call.state !== 'bridged' || call.pending.kind === 'words' || attemptOf(call).transferAskedAt === null) return noNews(call);
  return toTransferred(call, call.pending.kind === 'transfer' ? call.pending.targetId : 'unknown', event.at);
}

/** Why the call ends, if it does now: nobody could be reached. It also proves that the redirect ran. */
export function transferEnded(call: CallWithLeg, event: EventOf<'transfer-ended'>): Transition {
  if (call.state === 'transferred')
    return event.reached || call.isUnreached ? noNews(call) : noted({ ...call, isUnreached: true });
  const joined = transferJoined(call, { type: 'transfer-joined', n: event.n, at: event.at, source: event.source });
  if (event.reached || joined.call.state !== 'transferred') return joined;
  return { ...joined, call: { ...joined.call, isUnreached: true } };
}

/** The stream is gone with the redirect: no owner, no lease. */
export function toTransferred(call: CallIn<'bridged'>, targetId: string, at: number): Transition {
  return moved({ ...factsOf(call), state: 'transferred', deadline: transferredDeadline(call.policy, at), targetId });
}
