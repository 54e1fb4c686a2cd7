import type { CallId, CarrierCallId, E164, GatewayId, StreamSid } from '@onhook/contracts';
import type { Attempt, AttemptEnd, Call, CallFacts, CallIn, Policy } from '../call.js';
import type { NewCall } from '../create.js';

/** The zero of every test: Redis milliseconds. */
export const T0 = 1_800_000_000_000;
export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;

export const CALL_ID = 'call_c_01k00000000000000000000000' as CallId;
/** What this call id adds to every round of `ending`. */
export const SPREAD_MS = 39;
export const TO = '+14155550100' as E164;
export const FROM = '+14155550199' as E164;
export const SID = `CA${'a'.repeat(32)}` as CarrierCallId;
export const OTHER_SID = `CA${'b'.repeat(32)}` as CarrierCallId;
export const STREAM = `MZ${'a'.repeat(32)}` as StreamSid;
export const OTHER_STREAM = `MZ${'b'.repeat(32)}` as StreamSid;
export const GATEWAY = 'gw_01k00000000000000000000000' as GatewayId;
export const OTHER_GATEWAY = 'gw_01k00000000000000000000001' as GatewayId;
export const OWNER = { gatewayId: GATEWAY, streamSid: STREAM };

export const POLICY: Policy = {
  ringTimeoutSec: 30,
  maxDurationSec: 600,
  transferLimitSec: 1_800,
  latestAt: T0 + 24 * HOUR,
  redial: {
    maxAttempts: 3,
    on: ['no-answer', 'busy', 'failed', 'voicemail'],
    delaySec: 300,
    backoff: 'exponential',
    maxDelaySec: 3_600,
  },
  voicemail: 'hang-up',
};

export const NEW_CALL: NewCall = {
  callId: CALL_ID,
  account: 'default',
  to: TO,
  from: null,
  agentId: 'demo',
  variables: {},
  metadata: {},
  policy: POLICY,
  notBefore: null,
};

export const FACTS: CallFacts = {
  callId: CALL_ID,
  account: 'default',
  createdAt: T0,
  to: TO,
  from: null,
  agentId: 'demo',
  variables: {},
  metadata: {},
  policy: POLICY,
  attempts: [],
  dials: 0,
  end: null,
  answeredBy: null,
  goodbye: null,
  recording: null,
  measured: null,
  late: {},
};

export function attempt(change: Partial<Attempt> = {}): Attempt {
  return {
    n: 1,
    from: FROM,
    dialedAt: T0,
    sid: null,
    carrierStatus: null,
    answeredAt: null,
    bridgedAt: null,
    claim: null,
    transferAskedAt: null,
    over: null,
    ...change,
  };
}

export function attemptEnd(change: Partial<AttemptEnd> = {}): AttemptEnd {
  return {
    at: T0 + 90_000,
    disposition: 'completed',
    cause: 'callee-hung-up',
    by: 'callee',
    endedBy: 'carrier',
    proven: true,
    code: null,
    ...change,
  };
}

function dialed(change: Partial<Attempt> = {}): CallFacts {
  return { ...FACTS, attempts: [attempt(change)], dials: 1 };
}

const ANSWERED = { sid: SID, carrierStatus: 'in-progress', answeredAt: T0 + 10_000 } as const;
const BRIDGED = { ...ANSWERED, bridgedAt: T0 + 11_000 };
const COMPLETED = { ...BRIDGED, carrierStatus: 'completed', over: attemptEnd() } as const;
const CONCLUDED = { ...COMPLETED, over: attemptEnd({ concluded: { streamSid: STREAM, cause: true, layer: true } }) } as const;
const LOST = {
  over: attemptEnd({ disposition: 'failed', cause: 'submission-lost', by: 'platform', endedBy: 'none', proven: false }),
} as const;
const NO_ANSWER = attempt({
  sid: SID,
  carrierStatus: 'no-answer',
  over: attemptEnd({ disposition: 'no-answer', cause: 'no-answer', by: 'carrier' }),
});

const ending: CallIn<'ending'> = {
  ...dialed(BRIDGED),
  state: 'ending',
  deadline: T0 + 80_000,
  cause: 'agent-ended-call',
  by: 'agent',
  trigger: 'hangup-worker',
  askedAt: T0 + 79_000,
  owner: OWNER,
  rounds: 0,
  canceled: false,
};

/** One call in each state, and in each shape of a state that answers differently. Written by hand, not by the machine itself. */
export const CALLS = {
  scheduled: { ...FACTS, state: 'scheduled', deadline: T0 + HOUR, notBefore: T0 + HOUR, waitReason: 'not-before' },
  queued: { ...FACTS, state: 'queued', deadline: T0 + 60_000, wakes: 0 },
  /** Waits for its second attempt. */
  waitingAgain: { ...FACTS, attempts: [NO_ANSWER], dials: 1, state: 'queued', deadline: T0 + HOUR, wakes: 0 },
  dialing: { ...dialed(), state: 'dialing', deadline: T0 + 20_000 },
  unconfirmed: { ...dialed(), state: 'unconfirmed', deadline: T0 + 40_000, looks: 0 },
  placed: { ...dialed({ sid: SID }), state: 'placed', deadline: T0 + 21_000, asked: false },
  ringing: { ...dialed({ sid: SID, carrierStatus: 'ringing' }), state: 'ringing', deadline: T0 + 47_000 },
  answered: { ...dialed(ANSWERED), state: 'answered', deadline: T0 + 20_000 },
  bridged: { ...dialed(BRIDGED), state: 'bridged', deadline: T0 + 620_000, owner: OWNER, pending: { kind: 'none' } },
  speakingLastWords: {
    ...dialed(BRIDGED),
    state: 'bridged',
    deadline: T0 + 40_000,
    owner: OWNER,
    pending: { kind: 'words', words: 'We must end here.', cause: 'operator-ended-call', by: 'operator' },
  },
  transferring: {
    ...dialed({ ...BRIDGED, transferAskedAt: T0 + 30_000 }),
    state: 'bridged',
    deadline: T0 + 40_000,
    owner: OWNER,
    pending: { kind: 'transfer', targetId: 'desk' },
  },
  transferred: {
    ...dialed({ ...BRIDGED, transferAskedAt: T0 + 30_000 }),
    state: 'transferred',
    deadline: T0 + 1_841_000,
    targetId: 'desk',
  },
  ending,
  /** The end was asked for before the leg had a name. */
  endingUnbound: { ...ending, ...dialed(), deadline: T0 + 2_000, askedAt: T0 + 1_000, owner: null },
  settling: { ...dialed(COMPLETED), state: 'settling', deadline: T0 + 92_000, owner: OWNER, rounds: 0, canceled: false },
  /** Ended without a word of the carrier. */
  settlingUnproven: { ...dialed(LOST), state: 'settling', deadline: T0 + 92_000, owner: null, rounds: 0, canceled: false },
  /** The carrier's bare word ended it in conversation: its gateway has yet to say why. */
  settlingConcluded: {
    ...dialed(CONCLUDED),
    state: 'settling',
    deadline: T0 + 92_000,
    owner: OWNER,
    rounds: 0,
    canceled: false,
  },
  ended: { ...dialed(COMPLETED), state: 'ended', deadline: null, endedAt: T0 + 91_000 },
  endedConcluded: { ...dialed(CONCLUDED), state: 'ended', deadline: null, endedAt: T0 + 99_000 },
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof CALLS;
