import { amended } from './amended.js';
import type { Call } from './call.js';
import { deadlinePassed } from './deadline-passed.js';
import { accepted, dialStarted, held, notFound, notSent, refusedByCarrier, unclear } from './dial.js';
import { endAsked } from './end-asked.js';
import { erased } from './erased.js';
import type { CallEvent } from './event.js';
import { noted } from './facts.js';
import { carrierSaid } from './leg.js';
import { answeredBy, mediaClosed, ownerLost, streamStarted } from './media.js';
import type { Transition } from './outcome.js';
import { ofAttempt } from './rules.js';
import { settled } from './settled.js';
import { transferAsked, transferEnded, transferFailed, transferJoined } from './transfer.js';

/**
 * What one event does to a call: the whole truth about it is this function and LIFECYCLE.md. Pure; never throws for a record that
 * it made itself. Whoever commits the result performs the effects.
 */
export function transition(call: Call, event: CallEvent): Transition {
  switch (event.type) {
    case 'deadline-passed':
      return deadlinePassed(call, event);
    case 'held':
      return held(call, event);
    case 'dial-started':
      return dialStarted(call, event);
    case 'not-sent':
      return ofAttempt(call, event, notSent);
    case 'refused':
      return ofAttempt(call, event, refusedByCarrier);
    case 'accepted':
      return ofAttempt(call, event, accepted);
    case 'unclear':
      return ofAttempt(call, event, unclear);
    case 'carrier':
      return ofAttempt(call, event, carrierSaid);
    case 'not-found':
      return ofAttempt(call, event, notFound);
    case 'stream-started':
      return ofAttempt(call, event, streamStarted);
    case 'media-closed':
      return mediaClosed(call, event);
    case 'owner-lost':
      return ownerLost(call, event);
    case 'answered-by':
      return ofAttempt(call, event, answeredBy);
    case 'end-asked':
      return endAsked(call, event);
    case 'transfer-asked':
      return transferAsked(call, event);
    case 'transfer-failed':
      return transferFailed(call, event);
    case 'transfer-joined':
      return ofAttempt(call, event, transferJoined);
    case 'transfer-ended':
      return ofAttempt(call, event, transferEnded);
    case 'settled':
      return settled(call, event);
    case 'noted':
      return noted(call, event);
    case 'amended':
      return amended(call, event);
    case 'erased':
      return erased(call, event);
  }
}
