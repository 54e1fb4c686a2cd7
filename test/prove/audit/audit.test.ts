import { describe, expect, it } from 'vitest';
import type { Evidence, LedgerLine, RecordLine } from '../evidence.js';
import { audit, statements } from './audit.js';
import { sampleEvidence, SAMPLE, T0 } from './sample.js';

type Spoil = (evidence: Evidence) => Evidence;

const ledger =
  (change: (lines: readonly LedgerLine[]) => readonly LedgerLine[]): Spoil =>
  (evidence) => ({ ...evidence, ledger: change(evidence.ledger) });
const facts = (kind: string, more: Record<string, unknown>): Spoil =>
  ledger((lines) => lines.map((line) => (line.kind === kind ? ({ ...line, ...more } as LedgerLine) : line)));
const record =
  (change: (record: RecordLine) => RecordLine): Spoil =>
  (evidence) => ({ ...evidence, records: evidence.records.map(change) });
const over = (more: Partial<NonNullable<RecordLine['end']>>): Spoil =>
  record((one) => ({ ...one, attempts: one.attempts.map((attempt) => ({ ...attempt, over: { ...attempt.over!, ...more } })) }));
/** A second leg, as alike to the first as two legs can be. */
const again = (ms: number, more: Record<string, unknown> = {}): Spoil =>
  ledger((lines) => [
    ...lines,
    ...lines.map(
      (line) =>
        ({ ...line, at: line.at + ms, mono: line.mono + ms, ...(line.callSid && { callSid: 'CA2' }), ...more }) as LedgerLine,
    ),
  ]);

/** For each statement of the proof, what would break it. */
const spoilt: readonly [number, string, Spoil][] = [
  [1, 'a leg that never ended', ledger((lines) => lines.filter(({ kind }) => kind !== 'carrier-ended'))],
  [2, 'a leg that ended 3.1 s after its farewell', facts('carrier-ended', { at: T0 + 9_760, mono: 9_760 })],
  [3, 'a conversation of 61 s', facts('carrier-ended', { connectedMs: 61_000 })],
  [4, 'a second that is billed three times after the farewell', facts('carrier-ended', { at: T0 + 9_760, mono: 9_760 })],
  [5, 'two legs for one attempt', again(10_000)],
  [6, 'two legs to one phone at once', again(1_000, { callId: 'call_b_2' })],
  [7, 'a phone that rang twice for one request', again(10_000, { callId: 'call_b_2' })],
  [8, 'an accepted call without a record', (evidence) => ({ ...evidence, records: [] })],
  [8, 'a record that nobody asked for', (evidence) => ({ ...evidence, client: [] })],
  [9, 'a record that has not ended', record((one) => ({ ...one, state: 'bridged' }))],
  [
    9,
    'an attempt without an end',
    record((one) => ({ ...one, attempts: one.attempts.map((attempt) => ({ ...attempt, over: null })) })),
  ],
  [
    9,
    'an attempt with two ends',
    record((one) => ({ ...one, timeline: [...one.timeline, { ...one.timeline.at(-1)!, version: 8 }] })),
  ],
  [10, 'a busy line that the record calls completed', facts('carrier-ended', { status: 'busy' })],
  [10, 'a leg that its record does not know', record((one) => ({ ...one, attempts: [] }))],
  [11, 'a version that is missing', record((one) => ({ ...one, timeline: one.timeline.filter(({ version }) => version !== 4) }))],
  [11, 'a state that went back', record((one) => ({ ...one, timeline: [...one.timeline, { ...one.timeline[2]!, version: 8 }] }))],
  [12, 'an agent that came when the attempt was over', facts('agent-session-opened', { at: T0 + 8_000 })],
  [13, 'an agent that stayed 6 s longer', facts('agent-session-closed', { at: T0 + 12_800 })],
  [13, 'an agent that stayed for ever', ledger((lines) => lines.filter(({ kind }) => kind !== 'agent-session-closed'))],
  [14, 'a farewell of which 20 ms were not heard', facts('line-heard', { toMs: 1_580 })],
  [15, 'a process that could not stop', (evidence) => ({ ...evidence, processes: [{ ...evidence.processes[0]!, code: 1 }] })],
  [
    15,
    'a connection to Redis that is left',
    (evidence) => ({ ...evidence, redis: { ...evidence.redis, clients: ['id=7 name=dialer'] } }),
  ],
  [
    16,
    'a stranger’s socket that stayed',
    (evidence) => ({ ...evidence, attacks: [{ ...evidence.attacks[0]!, openForMs: 9_000 }] }),
  ],
  [16, 'an agent that a stranger reached', facts('agent-session-opened', { callId: 'call_z_9' })],
  [17, 'a healthy call that the watchdog ended', over({ endedBy: 'watchdog', cause: 'gateway-lost' })],
  [
    18,
    'a call that was placed before its time',
    (evidence) => ({ ...evidence, client: [{ ...evidence.client[0]!, earliestAt: T0 + 500 }] }),
  ],
  [
    18,
    'a call that was placed after its cancel was answered',
    (evidence) => ({
      ...evidence,
      client: [...evidence.client, { ...evidence.client[0]!, op: 'cancel', status: 200, at: T0 + 60 }],
    }),
  ],
  [19, 'ten creates at once', ledger((lines) => [...lines, ...Array.from({ length: 9 }, () => lines[0]!)])],
  [
    19,
    'three legs at once',
    (evidence) => again(0, { callId: 'call_c', callSid: 'CA3' })(again(0, { callId: 'call_b' })(evidence)),
  ],
  [
    20,
    'a create that was sent again after a 500',
    ledger((lines) => [{ ...lines[0]!, outcome: 'refused', fault: 'create-5xx-before' }, ...lines]),
  ],
  [22, 'a job that is left', (evidence) => ({ ...evidence, redis: { ...evidence.redis, jobs: { 'bull:hangup:wait': 1 } } })],
  [
    22,
    'a call that was due long ago',
    (evidence) => ({ ...evidence, redis: { ...evidence.redis, due: [{ callId: SAMPLE.CALL, at: T0 }] } }),
  ],
  [
    22,
    'a place that is held for a call whose end is proven',
    (evidence) => ({
      ...evidence,
      redis: { ...evidence.redis, places: [{ callId: SAMPLE.CALL, attempt: 1, until: T0 + 99_000 }] },
    }),
  ],
  [
    23,
    'a forged callback that was taken',
    (evidence) => ({ ...evidence, attacks: [{ ...evidence.attacks[0]!, status: 204, succeeded: true }] }),
  ],
  [24, 'a number in a log', (evidence) => ({ ...evidence, logs: [{ name: 'dialer-1.log', text: `{"to":"${SAMPLE.TO}"}` }] })],
  [
    24,
    'a number in a job',
    (evidence) => ({ ...evidence, redis: { ...evidence.redis, text: [{ key: 'bull:dial:1', value: SAMPLE.TO }] } }),
  ],
  [25, 'an end that was never told', (evidence) => ({ ...evidence, webhooks: [] })],
  [
    25,
    'a delivery without a good signature',
    (evidence) => ({ ...evidence, webhooks: [{ ...evidence.webhooks![0]!, signed: false }] }),
  ],
  [
    26,
    'a transferred call that we ended',
    record((one) => ({
      ...one,
      timeline: one.timeline.map((entry) => (entry.version === 5 ? { ...entry, state: 'transferred' } : entry)),
    })),
  ],
  [
    27,
    'a phone that rang while every gateway had been down for 10 s',
    (evidence) => ({
      ...evidence,
      faults: ['gateway-1', 'gateway-2'].map((who) => ({
        kind: 'kill-gateway',
        class: 'process',
        who,
        at: T0 - 15_000,
        until: T0 + 300,
      })),
    }),
  ],
];

describe('the audit', () => {
  it('finds nothing wrong with a healthy run', () => {
    expect(audit(sampleEvidence()).violations).toEqual([]);
  });

  for (const [n, what, spoil] of spoilt)
    it(`statement ${n} sees ${what}`, () => {
      const { violations } = audit(spoil(sampleEvidence()));
      expect(violations.map(({ statement }) => statement)).toContain(n);
    });

  it('has something that breaks each of its statements', () => {
    expect([...new Set(spoilt.map(([n]) => n))]).toEqual(statements.map(({ n }) => n));
  });

  it('allows ten seconds where a process was killed, and no more', () => {
    const killed = { kind: 'kill-hangup', class: 'process' as const, who: 'hangup-1', at: T0 + 6_600, until: T0 + 8_000 };
    const endsAfter = (ms: number): number =>
      audit({
        ...facts('carrier-ended', { at: T0 + 6_650 + ms, mono: 6_650 + ms })(sampleEvidence()),
        faults: [killed],
      }).violations.filter(({ statement }) => statement === 2).length;
    expect([endsAfter(9_900), endsAfter(10_100)]).toEqual([0, 1]);
  });
});
