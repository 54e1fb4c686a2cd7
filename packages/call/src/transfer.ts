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

/** The conversation goes on as before. */
export function transferFailed(call: Call, event: EventOf<'transfer-failed'>): Transition {
  if (call.state !== 'bridged' || call.owner.streamSid !== event.streamSid || call.pending.kind !== 'transfer')
    return noNews(call);
  const deadline = bridgedDeadline(attemptOf(call).answeredAt ?? event.at, call.policy);
  return noted({ ...call, deadline, pending: { kind: 'none' } });
}

/** The child's first callback: the redirect runs. Believed also after `transfer-failed`, for the reply may have been what was lost. */
export function transferJoined(call: CallWithLeg, event: EventOf<'transfer-joined'>): Transition {
  if (call.state !== 'bridged' || call.pending.kind === 'words' || attemptOf(call).transferAskedAt === null) return noNews(call);
  return toTransferred(call, call.pending.kind === 'transfer' ? call.pending.targetId : 'unknown', event.at);
}

/** The stream is gone with the redirect: no owner, no lease. */
export function toTransferred(call: CallIn<'bridged'>, targetId: string, at: number): Transition {
  return moved({ ...factsOf(call), state: 'transferred', deadline: transferredDeadline(call.policy, at), targetId });
}
