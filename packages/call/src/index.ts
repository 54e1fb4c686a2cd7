export type {
  Attempt,
  AttemptEnd,
  Call,
  CallFacts,
  CallIn,
  CampaignContact,
  Measured,
  Owner,
  Pending,
  Phase,
  Policy,
  RedialPolicy,
} from './call.js';
export { createCall, type NewCall } from './create.js';
export { leaseMs, timeLimitSec } from './deadlines.js';
export type { Effect, Verdict } from './effect.js';
export type { CallEvent, CallEventBody, EventSource, NewCallEvent } from './event.js';
export { mostMinutes, usedMinutes } from './minutes.js';
export type { Transition } from './outcome.js';
export {
  currentAttempt,
  currentSid,
  isLive,
  isOver,
  isWaiting,
  lastEnd,
  nextAttemptNumber,
  ownerOf,
  UNKNOWN_NUMBER,
  type CallWithLeg,
  type WaitingCall,
} from './questions.js';
export { nextAttemptAt } from './redial.js';
export { awaitsOwner } from './settled.js';
export { transition } from './transition.js';
