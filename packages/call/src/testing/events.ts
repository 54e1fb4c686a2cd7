import type { CarrierStatus } from '@onhook/contracts';
import type { CallEvent, EventOf } from '../event.js';
import { FROM, GATEWAY, SID, STREAM, T0 } from './fixtures.js';

type Change<T extends CallEvent['type']> = Partial<Omit<EventOf<T>, 'type'>>;

/** Later than every deadline of the fixtures but those of an hour, earlier than the latest moment. */
export const LATER = T0 + 100_000;

/** Events of the first attempt, as the process that sends them would. */
export const event = {
  deadlinePassed: (deadline: number, at = deadline): CallEvent => ({ type: 'deadline-passed', deadline, at, source: 'watchdog' }),
  held: (change: Change<'held'> = {}): CallEvent => ({ type: 'held', until: LATER + 5_000, reason: 'fence', at: LATER, source: 'dialer', ...change }),
  dialStarted: (change: Change<'dial-started'> = {}): CallEvent => ({ type: 'dial-started', n: 1, from: FROM, at: LATER, source: 'dialer', ...change }),
  notSent: (change: Change<'not-sent'> = {}): CallEvent => ({
    type: 'not-sent', n: 1, dial: 1, retryAt: LATER + 2_000, reason: 'rate-limited', at: LATER, source: 'dialer', ...change,
  }),
  refused: (change: Change<'refused'> = {}): CallEvent => ({
    type: 'refused', n: 1, code: 21_211, retryable: false, at: LATER, source: 'dialer', ...change,
  }),
  accepted: (change: Change<'accepted'> = {}): CallEvent => ({ type: 'accepted', n: 1, sid: SID, at: LATER, source: 'dialer', ...change }),
  unclear: (change: Change<'unclear'> = {}): CallEvent => ({ type: 'unclear', n: 1, reason: 'timeout', at: LATER, source: 'dialer', ...change }),
  carrier: (status: CarrierStatus, change: Change<'carrier'> = {}): CallEvent => ({
    type: 'carrier', n: 1, sid: SID, status, via: 'callback', at: LATER, source: 'callback', ...change,
  }),
  notFound: (change: Change<'not-found'> = {}): CallEvent => ({ type: 'not-found', n: 1, at: LATER, source: 'hangup', ...change }),
  streamStarted: (change: Change<'stream-started'> = {}): CallEvent => ({
    type: 'stream-started', n: 1, sid: SID, streamSid: STREAM, gatewayId: GATEWAY, at: LATER, source: 'gateway', ...change,
  }),
  mediaClosed: (why: EventOf<'media-closed'>['why'], change: Change<'media-closed'> = {}): CallEvent => ({
    type: 'media-closed', streamSid: STREAM, why, at: LATER, source: 'gateway', ...change,
  }),
  ownerLost: (change: Change<'owner-lost'> = {}): CallEvent => ({ type: 'owner-lost', streamSid: STREAM, at: LATER, source: 'watchdog', ...change }),
  answeredBy: (who: EventOf<'answered-by'>['who'], change: Change<'answered-by'> = {}): CallEvent => ({
    type: 'answered-by', n: 1, sid: SID, who, at: LATER, source: 'callback', ...change,
  }),
  endAsked: (change: Change<'end-asked'> = {}): CallEvent => ({
    type: 'end-asked', cause: 'operator-ended-call', by: 'operator', at: LATER, source: 'api', ...change,
  }),
  agentEnded: (change: Change<'end-asked'> = {}): CallEvent => ({
    type: 'end-asked', n: 1, cause: 'agent-ended-call', by: 'agent', goodbye: 'played', at: LATER, source: 'gateway', ...change,
  }),
  transferAsked: (change: Change<'transfer-asked'> = {}): CallEvent => ({
    type: 'transfer-asked', streamSid: STREAM, targetId: 'desk', at: LATER, source: 'gateway', ...change,
  }),
  transferFailed: (change: Change<'transfer-failed'> = {}): CallEvent => ({
    type: 'transfer-failed', streamSid: STREAM, at: LATER, source: 'gateway', ...change,
  }),
  transferJoined: (change: Change<'transfer-joined'> = {}): CallEvent => ({ type: 'transfer-joined', n: 1, at: LATER, source: 'callback', ...change }),
  settled: (change: Change<'settled'> = {}): CallEvent => ({ type: 'settled', n: 1, at: LATER, source: 'hangup', ...change }),
  noted: (change: Change<'noted'> = {}): CallEvent => ({ type: 'noted', n: 1, recordingMs: 61_000, at: LATER, source: 'gateway', ...change }),
};
