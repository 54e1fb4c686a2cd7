import { isTerminal, type CarrierCallId, type CarrierStatus } from '@onhook/contracts';
import { afterWord, attemptOf, isLater, withAttempt } from './attempts.js';
import type { Call } from './call.js';
import { placedGiveUpAt } from './deadlines.js';
import { concludedFrom } from './concluded.js';
import { layerOfLastWord, reasonOfLastWord, type LastWord } from './disposition.js';
import type { EventOf } from './event.js';
import { toAnswered, toPlaced, toRinging, toSettling, wakeHangup } from './moves.js';
import { noNews, noted, type Transition } from './outcome.js';
import type { CallWithLeg } from './questions.js';

type CarrierWord = EventOf<'carrier'>;

/** The carrier's word about the leg of the present attempt, however it came: callback, look, or a stray's answer. */
export function carrierSaid(call: CallWithLeg, event: CarrierWord): Transition {
  return isLastWord(event) ? lastWord(call, event) : liveWord(call, event);
}

/** R7: the leg is over, whatever the record believed. */
function lastWord(call: CallWithLeg, event: LastWord): Transition {
  const known = withLateFacts(withLeg(call, event.sid, event.status, event.at), event);
  const reason = reasonOfLastWord(call, event);
  const concluded = concludedFrom(call, reason, event);
  return toSettling(known, {
    at: event.at,
    disposition: event.status,
    ...reason,
    endedBy: layerOfLastWord(call, event),
    proven: true,
    code: event.sipCode ?? null,
    ...(concluded && { concluded }),
  });
}

function liveWord(call: CallWithLeg, { sid, status, at }: CarrierWord): Transition {
  const known = withLeg(call, sid, status, at);
  switch (call.state) {
    case 'dialing':
    case 'unconfirmed':
      if (status === 'ringing') return toRinging(known, at);
      return status === 'in-progress' ? toAnswered(known, at) : toPlaced(known, at);
    case 'placed':
      if (status === 'ringing') return toRinging(known, at);
      if (status === 'in-progress') return toAnswered(known, at);
      return stillPlaced(call, known, at);
    case 'ringing':
      return status === 'in-progress' ? toAnswered(known, at) : heardOfLeg(call, known);
    case 'answered':
    case 'bridged':
    case 'transferred':
    case 'ending':
      return heardOfLeg(call, known);
  }
}

/** `initiated` after we had asked already: it left the carrier's queue at last, and gets the time to ring. */
function stillPlaced(call: Extract<CallWithLeg, { state: 'placed' }>, known: CallWithLeg, at: number): Transition {
  const [before, after] = [attemptOf(call), attemptOf(known)];
  const leftTheQueue = call.asked && after.carrierStatus === 'initiated' && isLater('initiated', before.carrierStatus);
  if (!leftTheQueue || known.state !== 'placed') return heardOfLeg(call, known);
  return noted({ ...known, deadline: placedGiveUpAt(after, call.policy, at) });
}

/** The same object if nothing is new. */
export function withLeg<C extends CallWithLeg>(call: C, sid: CarrierCallId, status: CarrierStatus | null, at: number): C {
  const before = attemptOf(call);
  const after = afterWord(before, sid, status, at);
  return after === before ? call : withAttempt(call, before.n, after);
}

/** Something was learned of a leg without a change of state. A leg that we only now can name is a leg that we only now can end. */
export function heardOfLeg(before: CallWithLeg, after: CallWithLeg): Transition {
  if (after === before) return noNews(before);
  const canNowBeEnded = after.state === 'ending' && attemptOf(before).sid === null;
  return canNowBeEnded ? noted(after, wakeHangup(after)) : noted(after);
}

/** Duration, price and SIP code may come with the last word or long after it. The same object if nothing is new. */
export function withLateFacts<C extends Call>(call: C, { durationSec, priceMicroUsd, sipCode }: CarrierWord): C {
  const late = {
    ...call.late,
    ...(durationSec !== undefined && { durationSec }),
    ...(priceMicroUsd !== undefined && { priceMicroUsd }),
    ...(sipCode !== undefined && { sipCode }),
  };
  const isSame =
    late.durationSec === call.late.durationSec &&
    late.priceMicroUsd === call.late.priceMicroUsd &&
    late.sipCode === call.late.sipCode;
  return isSame ? call : { ...call, late };
}

function isLastWord(event: CarrierWord): event is LastWord {
  return isTerminal(event.status);
}
