import { isTerminal, type CarrierCallId } from '@onhook/contracts';
import { afterWord, isProvenOver, withAttempt, withNewAttempt } from './attempts.js';
import type { Call, CallIn } from './call.js';
import { dialingDeadline } from './deadlines.js';
import type { Effect } from './effect.js';
import type { EventOf } from './event.js';
import { withLateFacts } from './leg.js';
import { factsOf, noNews, noted, refused, type Transition } from './outcome.js';
import { isLive, isWaiting, type CallWithLeg } from './questions.js';

/** Events that speak of one attempt's leg. */
export type LegEvent = EventOf<
  | 'not-sent'
  | 'refused'
  | 'accepted'
  | 'unclear'
  | 'carrier'
  | 'not-found'
  | 'stream-started'
  | 'answered-by'
  | 'transfer-joined'
  | 'transfer-ended'
>;

/** R1 to R3: of which attempt does this speak, and may it still be heard? Only then does the state decide. */
export function ofAttempt<E extends LegEvent>(
  call: Call,
  event: E,
  decide: (call: CallWithLeg, event: E) => Transition,
): Transition {
  if (event.n > call.attempts.length) {
    return isWaiting(call) && isRecordBehind(call, event) ? recordWasBehind(call, event, decide) : unknownAttempt(call, event);
  }
  const attempt = call.attempts[event.n - 1];
  const sid = sidOf(event);
  if (attempt && sid !== null && attempt.sid !== null && attempt.sid !== sid) return foreignLeg(call, event, sid, 'second-leg');
  if (!isLive(call) || event.n < call.attempts.length) return late(call, event, sid);
  return decide(call, event);
}

/**
 * R1: the attempt is over and stays so. A leg that lives although its end was never proven is a stray; what the word teaches of the
 * leg is kept, so that its last word ends the doubt.
 */
function late(call: Call, event: LegEvent, sid: CarrierCallId | null): Transition {
  const attempt = call.attempts[event.n - 1];
  if (!attempt || sid === null) return noNews(call);
  const after = afterWord(attempt, sid, event.type === 'carrier' ? event.status : null, event.at);
  const known = after === attempt ? call : withAttempt(call, attempt.n, after);
  const learned = event.type === 'carrier' && event.n === call.attempts.length ? withLateFacts(known, event) : known;
  const effects: Effect[] = isAlive(event) && !isProvenOver(attempt) ? [{ type: 'stray', sid }] : [];
  if (event.type === 'stream-started') return refused(learned, ...effects);
  return learned === call ? noNews(call, ...effects) : noted(learned, ...effects);
}

/** R2: only such events prove a dial that the record has lost. */
function isRecordBehind(call: Call, event: LegEvent): boolean {
  const provesDial =
    event.type === 'accepted' ||
    event.type === 'unclear' ||
    event.type === 'carrier' ||
    event.type === 'stream-started' ||
    event.type === 'answered-by';
  return provesDial && event.n === call.attempts.length + 1;
}

function recordWasBehind<E extends LegEvent>(
  call: Call,
  event: E,
  decide: (call: CallWithLeg, event: E) => Transition,
): Transition {
  const dialed = withNewAttempt(call, 'from' in event ? event.from : undefined, event.at);
  const dialing: CallIn<'dialing'> = { ...factsOf(dialed), state: 'dialing', deadline: dialingDeadline(event.at) };
  const decided = decide(dialing, event);
  return { ...decided, effects: [alarm(call, 'record-was-behind'), ...decided.effects] };
}

/** An attempt that we never made, at a time at which we cannot have made it. */
function unknownAttempt(call: Call, event: LegEvent): Transition {
  const sid = sidOf(event);
  return sid === null ? noNews(call) : foreignLeg(call, event, sid, 'unknown-attempt');
}

/** R3: a leg that is not the attempt's own changes nothing, and is hung up if it lives. */
function foreignLeg(call: Call, event: LegEvent, sid: CarrierCallId, what: string): Transition {
  // Never hang up the leg of the live conversation, whatever number somebody gives it.
  const isOurs = isLive(call) && call.attempts.at(-1)?.sid === sid;
  const effects: Effect[] = isAlive(event) && !isOurs ? [{ type: 'stray', sid }, alarm(call, what)] : [alarm(call, what)];
  return event.type === 'stream-started' ? refused(call, ...effects) : noNews(call, ...effects);
}

function sidOf(event: LegEvent): CarrierCallId | null {
  return 'sid' in event ? event.sid : null;
}

/** Says that the leg was up. A 201, a stream and a machine's verdict say so too. */
function isAlive(event: LegEvent): boolean {
  return event.type === 'carrier' ? !isTerminal(event.status) : 'sid' in event;
}

export function alarm(call: Call, what: string): Effect {
  return { type: 'alarm', callId: call.callId, what };
}
