import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeMuLaw, muLawWavHeader } from '@onhook/audio';
import type { CallView, TranscriptLine } from '@onhook/contracts';
import type { LedgerEntry } from '@onhook/simulator';
import { openTestHouse, type TestHouse } from './house.js';

let house: TestHouse;
const ids: string[] = [];
const agentsDir = mkdtempSync(path.join(tmpdir(), 'onhook-agents-'));

beforeAll(async () => {
  cpSync(path.join(import.meta.dirname, 'agents'), agentsDir, { recursive: true });
  const agent = { instructions: 'You test a telephone system.', greeting: 'Hello, how are you today?', discloseAi: false };
  const write = (id: string, more: object): void =>
    writeFileSync(path.join(agentsDir, `${id}.json`), JSON.stringify({ ...agent, id, name: id, ...more }));
  write('farewell-only', { model: 'gpt-realtime-2.1#script=farewell-only' });
  write('prepared', { model: 'gpt-realtime-2.1', greetingAudio: 'tone.wav' });
  const tone = Uint8Array.from({ length: 12_000 }, (_, i) =>
    encodeMuLaw(Math.round(8_000 * Math.sin((i * 2 * Math.PI * 440) / 8_000))),
  );
  writeFileSync(path.join(agentsDir, 'tone.wav'), Buffer.concat([muLawWavHeader({ channels: 1, frames: tone.length }), tone]));
  house = await openTestHouse({ agentsDir });
  await house.setScenario({ to: '+14155552001', persona: 'barges-in' });
  // All at once: each of them speaks for half a minute.
  for (const [n, agentId] of ['demo', 'demo', 'farewell-only', 'prepared'].entries()) {
    ids.push((await house.placeCall({ to: `+1415555200${n + 1}`, agentId })).id);
  }
});
afterAll(async () => {
  await house.close();
  rmSync(agentsDir, { recursive: true, force: true });
});

const ledgerOf = (call: CallView, kind: string): LedgerEntry[] =>
  house.simulator.entries({ call: call.attempts[0]?.carrierCallId ?? 'none', kind });

async function transcriptOf(call: CallView): Promise<TranscriptLine[]> {
  const response = await house.api(call.links.transcript);
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: TranscriptLine[] }).data;
}

/** Until the gateway has told what it measured, which it does last. */
async function over(id: string): Promise<CallView> {
  const { id: same } = await house.until(id, ['ended'], 60_000);
  await expect.poll(async () => (await house.readCall(same)).latency, { timeout: 5_000 }).not.toBeNull();
  return house.readCall(same);
}

describe('what the record says was heard', () => {
  it('is what the callee heard, of an interrupted line too, as the carrier saw it', { timeout: 90_000 }, async () => {
    const call = await over(ids[0]!);
    const lines = (await transcriptOf(call)).filter(({ who }) => who === 'agent');
    const heard = ledgerOf(call, 'line-heard') as (LedgerEntry & { text: string; toMs: number; ofMs: number })[];
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.filter(({ cleared }) => cleared !== undefined).length).toBeGreaterThan(0);
    for (const { text, cleared = '' } of lines) {
      const whole = `${text} ${cleared}`.trim();
      const truth = heard.find((entry) => entry.text === whole);
      const share = truth ? truth.toMs / truth.ofMs : 0;
      // Words have no clock: one more or less, of a dozen letters.
      expect(Math.abs(text.length - share * whole.length), whole).toBeLessThan(12);
      if (cleared === '') expect(truth, whole).toMatchObject({ toMs: truth?.ofMs });
    }
  });

  it('has the callee too, and every answer with what it took', { timeout: 90_000 }, async () => {
    const call = await over(ids[1]!);
    const lines = await transcriptOf(call);
    const spoken = ledgerOf(call, 'callee-spoke').length;
    expect(lines.filter(({ who }) => who === 'callee')).toHaveLength(spoken);
    expect(lines.map(({ fromMs }) => fromMs)).toEqual(lines.map(({ fromMs }) => fromMs).toSorted((a, b) => a - b));
    expect(call.latency).toMatchObject({ turns: spoken, answerToFirstAudioMs: expect.any(Number) });
    expect(lines.filter(({ latencyMs }) => latencyMs !== undefined)).toHaveLength(spoken);
  });
});

describe('a model that says goodbye and does not call its tool', () => {
  it('does not keep the line open', { timeout: 90_000 }, async () => {
    expect(await house.until(ids[2]!, ['ended'], 60_000)).toMatchObject({
      cause: 'agent-ended-call',
      endedParty: 'agent',
      goodbye: 'played',
    });
  });
});

describe('a prepared greeting', () => {
  it('sounds as soon as there is a line, whole, and the conversation goes on from it', { timeout: 90_000 }, async () => {
    const call = await over(ids[3]!);
    expect(call.latency!.answerToFirstAudioMs).toBeLessThan(400);
    const lines = await transcriptOf(call);
    expect(lines[0]).toMatchObject({ who: 'agent', text: 'Hello, how are you today?' });
    expect(lines[0]!.toMs - lines[0]!.fromMs).toBeGreaterThan(1_400);
    const [first] = ledgerOf(call, 'played') as (LedgerEntry & { startMono: number; endMono: number })[];
    expect(first!.endMono - first!.startMono).toBeGreaterThan(1_400);
    // Not said a second time by the agent.
    expect(lines.filter(({ text }) => text.startsWith('Hello, how are you'))).toHaveLength(1);
    expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
  });
});
