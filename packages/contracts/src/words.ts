/** The states of a call, in the order of its life. See packages/call/LIFECYCLE.md. */
export const STATES = [
  'scheduled',
  'queued',
  'dialing',
  'unconfirmed',
  'placed',
  'ringing',
  'answered',
  'bridged',
  'transferred',
  'ending',
  'settling',
  'ended',
] as const;
export type State = (typeof STATES)[number];

/** What the API calls a state. */
export const STATUSES = ['scheduled', 'queued', 'dialing', 'ringing', 'in-progress', 'forwarding', 'ended'] as const;
export type Status = (typeof STATUSES)[number];

export const STATUS_OF: Readonly<Record<State, Status>> = {
  scheduled: 'scheduled',
  queued: 'queued',
  dialing: 'dialing',
  unconfirmed: 'dialing',
  placed: 'dialing',
  ringing: 'ringing',
  answered: 'in-progress',
  bridged: 'in-progress',
  transferred: 'forwarding',
  ending: 'in-progress',
  settling: 'in-progress',
  ended: 'ended',
};

/** How the call turned out, in the carrier's word where there is one. */
export const DISPOSITIONS = ['completed', 'busy', 'no-answer', 'failed', 'canceled', 'expired', 'unknown'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Which layer's act the carrier's end followed. */
export const LAYERS = [
  'carrier',
  'hangup-worker',
  'gateway',
  'gateway-direct',
  'fall-through',
  'watchdog',
  'reconciler',
  'time-limit',
  'none',
] as const;
export type Layer = (typeof LAYERS)[number];

/** Who wanted the end. */
export const PARTIES = ['agent', 'callee', 'operator', 'platform', 'carrier'] as const;
export type Party = (typeof PARTIES)[number];

/** The carrier's words for a leg, after its adapter. `initiated` is known from callbacks only. */
export const CARRIER_STATUSES = [
  'queued',
  'initiated',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'no-answer',
  'failed',
  'canceled',
] as const;
export type CarrierStatus = (typeof CARRIER_STATUSES)[number];
export type LiveCarrierStatus = 'queued' | 'initiated' | 'ringing' | 'in-progress';
export type TerminalCarrierStatus = Exclude<CarrierStatus, LiveCarrierStatus>;

export function isTerminal(status: CarrierStatus): status is TerminalCarrierStatus {
  return status !== 'queued' && status !== 'initiated' && status !== 'ringing' && status !== 'in-progress';
}

export const ANSWERED_BY = ['human', 'machine', 'fax', 'unknown'] as const;
export type AnsweredBy = (typeof ANSWERED_BY)[number];

/** How the farewell fared. */
export const GOODBYES = ['played', 'interrupted', 'timeout', 'callee-hangup', 'none'] as const;
export type Goodbye = (typeof GOODBYES)[number];
