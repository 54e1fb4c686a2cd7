import type { AnsweredBy } from '@onhook/contracts';
import { attemptOf, withAttempt } from './attempts.js';
import type { Call, CallIn, Owner } from './call.js';
import { isOwnAct, ownersWord, reasonOfClosing, reasonOfOwnAct } from './concluded.js';
import type { EventOf } from './event.js';
import { withLeg } from './leg.js';
import { toAnswered, toBridged, toEnding, wakeHangup } from './moves.js';
import { redirectMayRun } from './deadlines.js';
import { noNews, noted, refused, type Transition } from './outcome.js';
import type { CallWithLeg } from './questions.js';
import { toTransferred } from './transfer.js';

/** R5: only the stream whose own event makes the call `bridged` is accepted; any other, the same once more included, is refused. */
export function streamStarted(call: CallWithLeg, event: EventOf<'stream-started'>): Transition {
  const { sid, streamSid, gatewayId, at } = event;
  switch (call.state) {
    case 'dialing':
    case 'unconfirmed':
    case 'placed':
    case 'ringing':
    case 'answered':
      return toBridged(withLeg(call, sid, null, at), { gatewayId, streamSid }, at);
    case 'ending': {
      const known = withLeg(call, sid, null, at);
      const attempt = attemptOf(known);
      // Refused, but it tells that the leg was answered, and which it is.
      const answered = attempt.answeredAt === null ? withAttempt(known, attempt.n, { answeredAt: at }) : known;
      return attemptOf(call).sid === null ? refused(answered, wakeHangup(call)) : refused(answered);
    }
    case 'bridged':
    case 'transferred':
      return refused(call);
  }
}

export function mediaClosed(call: Call, event: EventOf<'media-closed'>): Transition {
  if (call.state === 'bridged' && holds(call.owner, event)) {
    if (call.pending.kind === 'transfer' && event.why !== 'we') return toTransferred(call, call.pending.targetId, event.at);
    // Said to have failed, but in doubt: whoever it connects must not be hung up on.
    if (call.pending.kind === 'none' && event.why !== 'we' && redirectMayRun(attemptOf(call), event.at))
      return toTransferred(call, 'unknown', event.at);
    return toEnding(call, { ...reasonOfClosing(event), isClosed: true });
  }
  if (call.state === 'ending' && holds(call.owner, event)) {
    const trigger = isOwnAct(event) ? reasonOfClosing(event).trigger : call.trigger;
    const reason = call.cause === 'gateway-lost' ? reasonOfOwnAct(event) : null;
    return noted({ ...call, owner: null, trigger, ...reason });
  }
  return call.state === 'settling' || call.state === 'ended' ? ownersWord(call, event) : noNews(call);
}

/**
 * The lease ran out: the gateway is dead, frozen or cut off. The owner is kept while the call ends, for a frozen gateway that thaws
 * finds the close order.
 */
export function ownerLost(call: Call, event: EventOf<'owner-lost'>): Transition {
  // During a transfer the redirect may be taking the stream away this very moment: the deadline judges.
  if (call.state !== 'bridged' || !holds(call.owner, event) || call.pending.kind === 'transfer') return noNews(call);
  return toEnding(call, { cause: 'gateway-lost', by: 'platform', trigger: 'watchdog', at: event.at });
}

/** The carrier's verdict on who answered; the first one stays. It proves that somebody, or something, did. */
export function answeredBy(call: CallWithLeg, event: EventOf<'answered-by'>): Transition {
  if (call.answeredBy !== null) return noNews(call);
  const known = { ...withLeg(call, event.sid, 'in-progress', event.at), answeredBy: event.who };
  switch (known.state) {
    case 'dialing':
    case 'unconfirmed':
    case 'placed':
    case 'ringing':
      return isUnwanted(known, event.who) ? hangUpOnMachine(known, event.at) : toAnswered(known, event.at);
    case 'answered':
      return isUnwanted(known, event.who) ? hangUpOnMachine(known, event.at) : noted(known);
    case 'bridged':
      return isUnwanted(known, event.who) ? hangUpOnMachine(known, event.at) : noted(known, tellGateway(known, event.who));
    case 'transferred':
      return noted(known);
    case 'ending':
      return attemptOf(call).sid === null ? noted(known, wakeHangup(call)) : noted(known);
  }
}

function isUnwanted({ policy }: CallWithLeg, who: AnsweredBy): boolean {
  switch (who) {
    case 'human':
      return false;
    case 'machine':
      return policy.voicemail === 'hang-up';
    case 'fax':
      return policy.voicemail !== 'continue';
    case 'unknown':
      return policy.unknownAnswer === 'hang-up';
  }
}

function hangUpOnMachine(call: Exclude<CallWithLeg, CallIn<'ending'>>, at: number): Transition {
  return toEnding(call, { cause: 'voicemail', by: 'platform', trigger: 'hangup-worker', at });
}

function tellGateway({ callId, owner }: CallIn<'bridged'>, who: AnsweredBy) {
  return {
    type: 'order',
    gatewayId: owner.gatewayId,
    order: { type: 'answered-by', callId, streamSid: owner.streamSid, who },
  } as const;
}

function holds(owner: Owner | null, event: { readonly streamSid: Owner['streamSid'] }): boolean {
  return owner?.streamSid === event.streamSid;
}
