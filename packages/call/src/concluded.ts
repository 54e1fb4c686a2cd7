import { withAttempt } from './attempts.js';
import type { AttemptEnd, CallIn, Concluded } from './call.js';
import { ownerWordUntil } from './deadlines.js';
import type { LastWord, Reason } from './disposition.js';
import type { EventOf } from './event.js';
import { wakeHangup, type Ending } from './moves.js';
import { noNews, noted, type Transition } from './outcome.js';
import type { CallWithLeg } from './questions.js';

/*
 * R8's exception. Some ends are only concluded: the carrier's bare `completed` in conversation does not say whether the callee hung
 * up, the stream broke, or the gateway ended the call while it could not tell the record; and while a call ends, a callback does not
 * say whose act it followed. The gateway that held the stream knows, and is believed once, whenever it comes.
 */

type MediaClosed = EventOf<'media-closed'>;

/** What of an end that follows this last word is not known; null if all is, or if nobody is left who could know better. */
export function concludedFrom(call: CallWithLeg, { cause }: Reason, event: LastWord): Concluded | null {
  if (call.state === 'bridged') {
    return cause === 'callee-hung-up' ? { streamSid: call.owner.streamSid, cause: true, layer: true } : null;
  }
  if (call.state !== 'ending' || call.owner === null) return null;
  const concluded = { streamSid: call.owner.streamSid, cause: cause === 'gateway-lost', layer: event.endedBy === undefined };
  return concluded.cause || concluded.layer ? concluded : null;
}

/** The owner says how its stream closed, after the end. */
export function ownersWord(call: CallIn<'settling' | 'ended'>, event: MediaClosed): Transition {
  const attempt = call.attempts.at(-1);
  const concluded = attempt?.over?.concluded;
  if (!attempt?.over || concluded?.streamSid !== event.streamSid) return noNews(call);
  const { concluded: _, ...over } = attempt.over;
  const known = withAttempt(call, attempt.n, { over: { ...over, ...betterEnd(over, concluded, event) } });
  return known.state === 'settling' ? noted({ ...known, owner: null }, wakeHangup(call)) : noted(known);
}

/** What the owner knows better; nothing if it bears out what was concluded. */
function betterEnd({ endedBy }: AttemptEnd, concluded: Concluded, event: MediaClosed): Partial<AttemptEnd> {
  const { cause, by, trigger } = reasonOfClosing(event);
  if (isOwnAct(event)) {
    return { ...(concluded.cause && reasonOfOwnAct(event)), ...(concluded.layer && { endedBy: trigger }) };
  }
  // The stream went with the leg: news only where nobody of ours had begun to end it.
  const isUnasked = concluded.cause && (endedBy === 'carrier' || endedBy === 'fall-through');
  return isUnasked && event.why !== 'we' ? { cause, by, endedBy: trigger } : {};
}

/** A gateway that lives tells how its stream closed. One that never did is dead or cut off: the carrier went on to `<Hangup/>`. */
export function withSilentOwner(call: CallIn<'settling'>): CallIn<'settling'> {
  const attempt = call.attempts.at(-1);
  if (ownerWordUntil(call) === null || !attempt?.over) return call;
  const over = { ...attempt.over, cause: 'gateway-lost', by: 'platform', endedBy: 'fall-through' } as const;
  return withAttempt(call, attempt.n, { over });
}

/** Closed before anybody told it to. */
export function isOwnAct({ why, fuse, direct }: MediaClosed): boolean {
  return why === 'we' && (fuse === true || direct === true);
}

export function reasonOfOwnAct(event: MediaClosed): Reason | null {
  return isOwnAct(event) && event.cause ? { cause: event.cause, by: event.by ?? 'platform' } : null;
}

export function reasonOfClosing(event: MediaClosed): Ending {
  const { at } = event;
  switch (event.why) {
    case 'stop':
      // The carrier itself closed the stream: it has ended the leg already.
      return { cause: 'callee-hung-up', by: 'callee', trigger: 'carrier', at };
    case 'lost':
      // Without a stream the carrier goes on behind <Connect>, to <Hangup/>, before anybody of ours can ask.
      return { cause: 'media-lost', by: 'carrier', trigger: 'fall-through', at };
    case 'we':
      return { cause: event.cause ?? 'internal-error', by: event.by ?? 'platform', trigger: closerOf(event), at };
  }
}

function closerOf(event: MediaClosed): 'gateway' | 'gateway-direct' {
  return event.direct ? 'gateway-direct' : 'gateway';
}
