import type { Evidence, LedgerLine, RecordLine, TimelineLine } from '../evidence.js';

/** A run of one healthy call, told by all witnesses: what a test spoils, one fact at a time. */
export const T0 = 1_800_000_000_000;
const SID = 'CA00000000000000000000000000000001';
const CALL = 'call_a_1';
const TO = '+14155550001';
const FAREWELL = 'Thank you, and goodbye.';

const line = (seq: number, ms: number, kind: string, facts: Record<string, unknown> = {}): LedgerLine => ({
  seq,
  at: T0 + ms,
  mono: ms,
  kind,
  callSid: SID,
  callId: CALL,
  attempt: '1',
  ...facts,
});
const told = (version: number, ms: number, event: string, state: string, detail: TimelineLine['detail'] = {}): TimelineLine => ({
  version,
  at: T0 + ms,
  source: 'test',
  event,
  verdict: 'moved',
  state,
  detail,
});

export function sampleEvidence(): Evidence {
  const agent = { sessionId: 's1', callSid: undefined };
  const ledger: LedgerLine[] = [
    line(1, 100, 'create-request', { to: TO, outcome: 'accepted', httpStatus: 201 }),
    line(2, 200, 'rang', { to: TO }),
    line(3, 1_000, 'call-state', { status: 'in-progress' }),
    line(4, 1_100, 'agent-session-opened', agent),
    line(5, 5_000, 'agent-spoke', { ...agent, farewell: true, text: FAREWELL, generatedMs: 1_600, startedAt: T0 + 5_000 }),
    line(6, 6_700, 'line-heard', {
      text: FAREWELL,
      fromMs: 0,
      toMs: 1_600,
      startedAt: T0 + 5_050,
      lastPlayedAt: T0 + 6_650,
      lastPlayedMono: 6_650,
    }),
    line(7, 6_720, 'carrier-ended', { by: 'rest', status: 'completed', billedSeconds: 6, connectedMs: 5_720 }),
    line(8, 6_760, 'agent-session-closed', agent),
  ];
  const over = {
    at: T0 + 6_730,
    disposition: 'completed',
    cause: 'agent-ended-call',
    by: 'agent',
    endedBy: 'hangup-worker',
    proven: true,
  };
  const record: RecordLine = {
    callId: CALL,
    to: TO,
    state: 'ended',
    version: 6,
    createdAt: T0,
    attempts: [{ n: 1, dialedAt: T0 + 50, sid: SID, carrierStatus: 'completed', answeredAt: T0 + 1_000, over }],
    end: null,
    timeline: [
      told(1, 0, 'created', 'queued'),
      told(2, 50, 'dial-started', 'dialing'),
      told(3, 150, 'accepted', 'placed'),
      told(4, 1_200, 'stream-started', 'bridged'),
      told(5, 6_660, 'end-asked', 'ending', { n: 1 }),
      told(6, 6_730, 'carrier', 'settling'),
      told(7, 6_750, 'settled', 'ended'),
    ],
  };
  return {
    run: {
      seed: 1,
      startedAt: T0 - 1_000,
      endedAt: T0 + 20_000,
      callsAsked: 1,
      faultsAsked: 0,
      limits: { callsPerSecond: 1, maxConcurrent: 2 },
      maxDurationSec: 30,
      gateways: 2,
      canaries: ['\\+1415555\\d{4}'],
    },
    ledger,
    faults: [],
    client: [{ at: T0, op: 'create', key: 'k', to: TO, status: 201, callId: CALL, maxAttempts: 1 }],
    records: [record],
    redis: { now: T0 + 20_000, clients: [], jobs: {}, outbox: 0, due: [], leases: [], places: [], text: [] },
    processes: [{ who: 'api-1', at: T0 + 20_000, asked: true, code: 0, signal: null, openSockets: 0 }],
    webhooks: [{ at: T0 + 7_000, id: 'e1', type: 'call.ended', callId: CALL, signed: true, answered: 200 }],
    attacks: [{ at: T0 + 3_000, kind: 'callback-forged', callId: CALL, status: 403, succeeded: false }],
    logs: [{ name: 'api-1.log', text: '{"msg":"call was accepted"}' }],
  };
}

export const SAMPLE = { SID, CALL, TO };
