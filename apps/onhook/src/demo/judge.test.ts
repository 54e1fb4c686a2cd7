import type { CallView } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { judge, type Evidence } from './judge.js';
import type { LedgerEntry } from './ledger-tail.js';

/** What `--once --json` promises; `.ci/run` looks for the same. */
const FIGURES = [
  'disposition',
  'cause',
  'endedBy',
  'endedParty',
  'endToCarrierEndedMs',
  'goodbyeGeneratedMs',
  'goodbyeHeardMs',
  'goodbyeCutMs',
  'agentSpokeMs',
  'calleeSpokeMs',
  'turns',
  'openSockets',
  'recording',
  'setupMs',
  'callMs',
];
const FAREWELL = 'Goodbye, and have a lovely day.';
// Never repeats, so that its last bytes stand in one place only.
const speech = Uint8Array.from({ length: 16_000 }, (_, i) => ((i * i * 31 + i * 7) >> 5) % 0x50);
const tail = speech.subarray(-1_600);

function wav(callee: Uint8Array, agent: Uint8Array): Uint8Array {
  const data = new Uint8Array(callee.length * 2);
  callee.forEach((byte, i) => ((data[2 * i] = byte), (data[2 * i + 1] = agent[i] ?? 0xff)));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(7, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(8000, 24);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

function entry(kind: string, mono: number, facts: Record<string, unknown>): LedgerEntry {
  return { seq: mono, at: 1_000_000 + mono, mono, kind, ...facts };
}

function evidence(
  change: { ledger?: (entries: LedgerEntry[]) => LedgerEntry[] } & Partial<Omit<Evidence, 'ledger'>> = {},
): Evidence {
  const ledger = [
    entry('agent-spoke', 1_000, {
      text: FAREWELL,
      farewell: true,
      generatedMs: 2_000,
      startedAt: 1_000_900,
      tailBase64: Buffer.from(tail).toString('base64'),
    }),
    entry('callee-spoke', 900, { text: 'Yes.', spokenMs: 1_500 }),
    entry('played', 3_100, { ms: 2_000 }),
    entry('line-heard', 3_100, {
      text: FAREWELL,
      fromMs: 0,
      toMs: 2_000,
      ofMs: 2_000,
      startedAt: 1_001_100,
      lastPlayedMono: 3_100,
    }),
    entry('carrier-ended', 3_140, { status: 'completed', by: 'rest' }),
  ];
  const { ledger: edit, ...rest } = change;
  return {
    call: { disposition: 'completed', cause: 'agent-ended-call', endedBy: 'hangup-worker', endedParty: 'agent' } as CallView,
    ledger: edit ? edit(ledger) : ledger,
    recordingFile: wav(speech, speech),
    recordingPath: '/recordings/x.wav',
    openSockets: 0,
    socketsMustBeCounted: true,
    setupMs: 5,
    callMs: 6,
    ...rest,
  };
}

const replace = (kind: string, facts: Record<string, unknown>) => (entries: LedgerEntry[]) =>
  entries.map((one) => (one.kind === kind ? { ...one, ...facts } : one));

describe('the verdict over the demonstration call', () => {
  it('finds nothing wrong with a call that said goodbye, was heard and ended', () => {
    const { figures, faults } = judge(evidence());
    expect(faults).toEqual([]);
    expect(figures).toMatchObject({
      endToCarrierEndedMs: 40,
      goodbyeGeneratedMs: 2_000,
      goodbyeHeardMs: 2_000,
      goodbyeCutMs: 0,
      turns: 2,
    });
  });

  it('reports these fifteen figures and no other', () => {
    expect(Object.keys(judge(evidence()).figures)).toEqual(FIGURES);
  });

  it.each([
    ['line-heard', 'toMs', 'goodbyeHeardMs is no number'],
    ['line-heard', 'lastPlayedMono', 'endToCarrierEndedMs is no number'],
    ['agent-spoke', 'generatedMs', 'goodbyeCutMs is no number'],
    ['played', 'ms', 'agentSpokeMs is no number'],
    ['callee-spoke', 'spokenMs', 'calleeSpokeMs is no number'],
  ])('fails when %s lacks its %s', (kind, fact, fault) => {
    expect(judge(evidence({ ledger: replace(kind, { [fact]: undefined }) })).faults).toContain(fault);
  });

  it('fails when nobody can say when the carrier ended the call, or it did before the goodbye was over', () => {
    expect(judge(evidence({ ledger: (all) => all.filter((one) => one.kind !== 'line-heard') })).faults).toContain(
      'endToCarrierEndedMs is unknown',
    );
    expect(judge(evidence({ ledger: replace('carrier-ended', { mono: 3_000 }) })).faults).toContain(
      'the carrier ended the call 100 ms before the goodbye was over',
    );
  });

  it('counts a goodbye from the beginning of the frame in which it began, which may be before its first byte was sent', () => {
    expect(judge(evidence({ ledger: replace('line-heard', { startedAt: 1_000_900 - 20 }) })).faults).toEqual([]);
  });

  it('does not take the same words, said before, for the goodbye', () => {
    const before = entry('line-heard', 800, {
      text: FAREWELL,
      fromMs: 0,
      toMs: 2_000,
      startedAt: 1_000_100,
      lastPlayedMono: 800,
    });
    expect(judge(evidence({ ledger: (all) => [before, ...replace('line-heard', { toMs: 1_500 })(all)] })).figures).toMatchObject({
      goodbyeHeardMs: 1_500,
      goodbyeCutMs: 500,
    });
    expect(judge(evidence({ ledger: (all) => [before, ...all.filter((one) => one.kind !== 'line-heard')] })).faults).toContain(
      'only 0 ms of goodbye were heard',
    );
  });

  it('fails when the sockets were not counted, where they can be', () => {
    expect(judge(evidence({ openSockets: null })).faults).toEqual(['the open sockets could not be counted']);
    expect(judge(evidence({ openSockets: null, socketsMustBeCounted: false })).faults).toEqual([]);
  });

  it('fails when the goodbye was cut', () => {
    const { figures, faults } = judge(evidence({ ledger: replace('line-heard', { toMs: 1_700 }) }));
    expect(figures.goodbyeCutMs).toBe(300);
    expect(faults).toContain('300 ms of the goodbye were cut');
  });

  it('fails when less than a second of goodbye was heard', () => {
    expect(judge(evidence({ ledger: replace('line-heard', { toMs: 999 }) })).faults).toContain(
      'only 999 ms of goodbye were heard',
    );
    expect(judge(evidence({ ledger: (all) => all.filter((one) => one.kind !== 'line-heard') })).faults).toContain(
      'only 0 ms of goodbye were heard',
    );
  });

  it('fails when the carrier has not ended the call, whatever the record says', () => {
    expect(judge(evidence({ ledger: (all) => all.filter((one) => one.kind !== 'carrier-ended') })).faults).toContain(
      'the carrier has not ended the call',
    );
  });

  it('fails when a socket is open', () => {
    expect(judge(evidence({ openSockets: 1 })).faults).toContain('1 sockets are still open');
  });

  it('fails when the record tells another end', () => {
    const call = { ...evidence().call, cause: 'media-lost' } as CallView;
    expect(judge(evidence({ call })).faults).toContain('the record says cause media-lost, not agent-ended-call');
  });

  it('fails when a channel is silent in the recording where the ledger says speech', () => {
    const silence = new Uint8Array(16_000).fill(0xff);
    expect(judge(evidence({ recordingFile: wav(silence, speech) })).faults).toContain(
      "the callee's channel is silent in the recording",
    );
    expect(judge(evidence({ recordingFile: wav(speech, silence) })).faults).toEqual([
      "the agent's channel is silent in the recording",
      'the last millisecond of the farewell is missing in the recording',
    ]);
  });

  it('fails when the last millisecond of the farewell is missing in the recording', () => {
    const cut = speech.slice();
    cut.fill(0xff, -8);
    expect(judge(evidence({ recordingFile: wav(speech, cut) })).faults).toEqual([
      'the last millisecond of the farewell is missing in the recording',
    ]);
  });

  it('fails when there is no recording, or none that can be read', () => {
    expect(judge(evidence({ recordingFile: null })).faults).toEqual(['there is no recording']);
    expect(judge(evidence({ recordingFile: new Uint8Array(100) })).faults).toEqual(['the recording is not a WAV file']);
  });
});
