import type { State } from './words.js';

/** What is told of a call, to webhook endpoints and to live watchers. Words of the Standard Webhooks form: `[a-z_]` joined by dots. */
export const CALL_EVENTS = {
  'call.created': 'The call was accepted.',
  'call.scheduled': 'The call waits until a moment: a calling window, the next attempt, or what `waitReason` says.',
  'call.queued': 'The call waits for its turn.',
  'call.dialing': 'An attempt began.',
  'call.ringing': 'The callee’s phone rings.',
  'call.answered': 'Somebody, or something, answered.',
  'call.transferred': 'The callee was handed on to somebody else.',
  'call.attempt_ended': 'An attempt is over. The call may be tried again: `call.scheduled` or `call.ended` follows.',
  'call.recording_ready': 'The recording of the last attempt can be fetched.',
  'call.ended':
    'The call is over, whether anybody was reached or not. Sent for every call, exactly one a call, and its last but for a recording that comes later.',
} as const satisfies Record<string, string>;

export type CallEventType = keyof typeof CALL_EVENTS;
export const CALL_EVENT_TYPES = Object.keys(CALL_EVENTS) as [CallEventType, ...CallEventType[]];

/** One commit of a call, as outbox and feed tell it. `from` is the state before; null: the call was created. */
export interface CallNews {
  readonly event: string;
  readonly from: State | null;
  readonly state: State;
}

/** Null: nothing that people outside are told. Pure. */
export function callEventOf({ event, from, state }: CallNews): CallEventType | null {
  if (from === null) return 'call.created';
  if (from === state) return event === 'noted' ? 'call.recording_ready' : null;
  switch (state) {
    case 'scheduled':
      return 'call.scheduled';
    case 'queued':
      return 'call.queued';
    case 'dialing':
      return 'call.dialing';
    case 'ringing':
      return 'call.ringing';
    case 'answered':
      return 'call.answered';
    case 'bridged':
      // The media stream may be there before the carrier says that somebody answered.
      return from === 'answered' ? null : 'call.answered';
    case 'transferred':
      return 'call.transferred';
    case 'settling':
      // Canceled or expired while it waited: there was no attempt that could end.
      return from === 'scheduled' || from === 'queued' ? null : 'call.attempt_ended';
    case 'ended':
      return 'call.ended';
    case 'unconfirmed':
    case 'placed':
    case 'ending':
      return null;
    default:
      // A state that only a later release knows.
      return null;
  }
}

/** `call.ended`, or everything that begins with something: `call.*`, `*`. */
export const EVENT_FILTER = /^(?:\*|[a-z_]+(?:\.[a-z_]+)*(?:\.\*)?)$/;

/** @param filters none: everything */
export function isWanted(type: string, filters: readonly string[]): boolean {
  return filters.length === 0 || filters.some((filter) => filter === '*' || filter === type || isBelow(type, filter));
}

const isBelow = (type: string, filter: string): boolean => filter.endsWith('.*') && type.startsWith(filter.slice(0, -1));
