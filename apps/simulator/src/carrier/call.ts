import type { AnsweredBy } from './machine-detection.js';

/** The life of one call as the carrier sees it. Pure: a call and an event go in, the call and its news come out. */
export type ResourceStatus = 'queued' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled';
/** `initiated` is told by callbacks only; the REST resource shows `queued` until it rings. */
export type CallStatus = ResourceStatus | 'initiated';
export type FinalStatus = Extract<CallStatus, 'completed' | 'busy' | 'failed' | 'no-answer' | 'canceled'>;
export type ProgressEvent = 'initiated' | 'ringing' | 'answered' | 'completed';

/** Who or what ended the call: the simulator's word, not Twilio's. */
export type EndedBy =
  | 'rest'
  | 'callee'
  | 'twiml-hangup'
  | 'end-of-document'
  | 'application-error'
  | 'time-limit'
  | 'ring-timeout'
  /** The `<Dial>` that had made this leg is over, or another leg of it was answered. */
  | 'dial-over'
  /** The other party of a `<Dial>` pressed star. */
  | 'hangup-on-star'
  | 'carrier'
  /** It waited in the queue for longer than the carrier lets it. */
  | 'queue-expired'
  | 'simulator-stopped';

export interface CarrierCall {
  readonly sid: string;
  /** The call whose `<Dial>` made this leg; a call that was made by REST has none. */
  readonly parentCallSid?: string;
  readonly to: string;
  readonly from: string;
  readonly status: CallStatus;
  /** Wall times, milliseconds since the epoch. */
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly answeredAtMs?: number;
  readonly endedAtMs?: number;
  readonly endedBy?: EndedBy;
  readonly sipCode?: number;
  /** How long it would have to wait for its turn to be dialled, as it was created. */
  readonly queueEstimateMs?: number;
  /** The verdict of machine detection, from when it is known. */
  readonly answeredBy?: AnsweredBy;
  /** Progress events so far, subscribed or not: the next callback's `SequenceNumber`. */
  readonly progress: number;
}

export type CallEvent =
  | { type: 'dialled'; atMs: number }
  | { type: 'rang'; atMs: number }
  | { type: 'answered'; atMs: number }
  | { type: 'judged'; answeredBy: AnsweredBy }
  | { type: 'ended'; atMs: number; status: FinalStatus; by: EndedBy; sipCode?: number };

export interface Progress {
  event: ProgressEvent;
  status: CallStatus;
  sequenceNumber: number;
}

export interface Step {
  call: CarrierCall;
  /** Set if the state changed in a way that Twilio reports to a subscriber. */
  progress?: Progress;
}

export const isFinal = (status: CallStatus): status is FinalStatus =>
  status === 'completed' || status === 'busy' || status === 'failed' || status === 'no-answer' || status === 'canceled';

/** `undefined`: the event is not news in this state (a call that is over rings no more). */
export function step(call: CarrierCall, event: CallEvent): Step | undefined {
  switch (event.type) {
    case 'dialled':
      if (call.status !== 'queued') return undefined;
      return report({ ...call, status: 'initiated', startedAtMs: event.atMs }, 'initiated');
    case 'rang':
      if (call.status !== 'initiated') return undefined;
      return report({ ...call, status: 'ringing' }, 'ringing');
    case 'answered':
      if (call.status !== 'ringing' && call.status !== 'initiated') return undefined;
      return report({ ...call, status: 'in-progress', answeredAtMs: event.atMs }, 'answered');
    case 'judged':
      return call.status === 'in-progress' ? { call: { ...call, answeredBy: event.answeredBy } } : undefined;
    case 'ended':
      return ended(call, event);
  }
}

function ended(call: CarrierCall, event: Extract<CallEvent, { type: 'ended' }>): Step | undefined {
  if (isFinal(call.status)) return undefined;
  // An answered call ends as completed whatever ended it; an unanswered one does not, unless REST completes it (`earlyHangup`).
  const isAnswered = call.status === 'in-progress';
  if (isAnswered ? event.status !== 'completed' : event.status === 'completed' && event.by !== 'rest') return undefined;
  const over: CarrierCall = {
    ...call,
    status: event.status,
    endedAtMs: event.atMs,
    endedBy: event.by,
    ...(event.sipCode !== undefined && { sipCode: event.sipCode }),
  };
  // A call that is canceled while it is queued is reported to nobody.
  return call.status === 'queued' && event.status === 'canceled' ? { call: over } : report(over, 'completed');
}

function report(call: CarrierCall, event: ProgressEvent): Step {
  return {
    call: { ...call, progress: call.progress + 1 },
    progress: { event, status: call.status, sequenceNumber: call.progress },
  };
}

/** Seconds that the callee was connected, and that are billed (started minutes are the price's matter, not ours). */
export function connectedMs(call: CarrierCall): number {
  return call.answeredAtMs === undefined ? 0 : Math.max(0, (call.endedAtMs ?? call.answeredAtMs) - call.answeredAtMs);
}

export const connectedSeconds = (call: CarrierCall): number => Math.ceil(connectedMs(call) / 1000);

/**
 * What `queue_time` of the resource says: the estimate until the call is dialled, then what it was. Whole seconds, so that a
 * call that met no queue shows the "0" that was captured of the real carrier.
 */
export function queueTimeMs(call: CarrierCall): number {
  const waitedMs = call.startedAtMs === undefined ? (call.queueEstimateMs ?? 0) : call.startedAtMs - call.createdAtMs;
  return Math.round(waitedMs / 1000) * 1000;
}

export const resourceStatus = (status: CallStatus): ResourceStatus => (status === 'initiated' ? 'queued' : status);

/** What is not certain of the real carrier. */
export interface HangupHabits {
  /** How a REST hangup of a call that is already over is answered: all three are reported. */
  lateHangup: '21220' | '20404' | '200';
  /** How a call ends that REST completes before it is answered. */
  earlyHangup: 'canceled' | 'no-answer' | 'completed';
}

export type UpdateDecision =
  | { type: 'end'; status: 'completed' | 'canceled' | 'no-answer' }
  | { type: 'redirect' }
  | { type: 'nothing' }
  | { type: 'refuse'; code: 21220 | 20404 };

/** What `POST /Calls/{sid}` does, by the state it meets. */
export function decideUpdate(
  call: CarrierCall,
  request: { status?: 'completed' | 'canceled' | undefined; redirects: boolean },
  { lateHangup, earlyHangup }: HangupHabits,
): UpdateDecision {
  if (isFinal(call.status)) {
    if (request.redirects) return { type: 'refuse', code: 21220 };
    if (request.status === undefined || lateHangup === '200') return { type: 'nothing' };
    return { type: 'refuse', code: lateHangup === '21220' ? 21220 : 20404 };
  }
  const isAnswered = call.status === 'in-progress';
  if (request.status === 'completed') return { type: 'end', status: isAnswered ? 'completed' : earlyHangup };
  // The oldest trap of all: canceling an answered call is accepted, and does nothing.
  if (request.status === 'canceled') return isAnswered ? { type: 'nothing' } : { type: 'end', status: 'canceled' };
  if (!request.redirects) return { type: 'nothing' };
  return isAnswered ? { type: 'redirect' } : { type: 'refuse', code: 21220 };
}
