import type { Goodbye, Layer } from '@onhook/contracts';
import { attemptOf } from './attempts.js';
import type { Call, CallIn } from './call.js';
import { wordsDeadline } from './deadlines.js';
import type { EventOf } from './event.js';
import { toEnding, toSettlingUndialed } from './moves.js';
import { noNews, noted, type Transition } from './outcome.js';
import { isWaiting } from './questions.js';

type EndAsked = EventOf<'end-asked'>;

/** Somebody wants the end: the agent after its farewell, a timer, an operator, a policy. */
export function endAsked(before: Call, event: EndAsked): Transition {
  if (event.n !== undefined && event.n !== before.attempts.length) return noNews(before);
  if (event.ifWaiting && !isWaiting(before)) return noNews(before);
  const call = withGoodbye(before, event.goodbye);
  const ofAttempt = isOfAttempt(event);
  const { cause, by, at } = event;
  const ending = { cause, by, at, trigger: triggerOf(event), canceled: !ofAttempt };
  switch (call.state) {
    case 'scheduled':
    case 'queued':
      return ofAttempt ? changed(before, call) : toSettlingUndialed(call, 'canceled', { cause, by }, at);
    case 'dialing':
    case 'unconfirmed':
    case 'placed':
    case 'ringing':
    case 'answered':
      // A gateway has nothing to say of an attempt that it does not hold: one that slept must not end the next.
      return event.n === undefined && ofAttempt ? changed(before, call) : toEnding(call, ending);
    case 'bridged':
      if (event.words === undefined || call.pending.kind === 'transfer') return toEnding(call, ending);
      return call.pending.kind === 'words' ? changed(before, call) : withLastWords(call, event, event.words);
    case 'transferred':
      return toEnding(call, ending);
    case 'ending':
    case 'settling':
      return changed(before, ofAttempt || call.canceled ? call : { ...call, canceled: true });
    case 'ended':
      return changed(before, call);
  }
}

/** The agent says these first; the deadline ends the call if it does not. */
function withLastWords(call: CallIn<'bridged'>, { cause, by, at }: EndAsked, words: string): Transition {
  const { callId, owner } = call;
  const deadline = wordsDeadline(at, attemptOf(call).answeredAt ?? at, call.policy);
  return noted(
    { ...call, deadline, pending: { kind: 'words', words, cause, by } },
    { type: 'order', gatewayId: owner.gatewayId, order: { type: 'say-and-end', callId, streamSid: owner.streamSid } },
  );
}

/** The first goodbye stays. */
export function withGoodbye<C extends Call>(call: C, goodbye: Goodbye | undefined): C {
  return goodbye === undefined || call.goodbye !== null ? call : { ...call, goodbye };
}

function changed(before: Call, after: Call): Transition {
  return before === after ? noNews(before) : noted(after);
}

function isOfAttempt(event: EndAsked): boolean {
  return event.n !== undefined || event.source === 'gateway';
}

/** Whose act the carrier's end will have followed, if nobody says better: the hangup worker's, unless a layer behind it asked. */
function triggerOf({ source }: EndAsked): Layer {
  return source === 'watchdog' || source === 'reconciler' ? source : 'hangup-worker';
}
