import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readMuLawWav } from '@onhook/audio';
import type { LedgerEntry } from '@onhook/simulator';
import { freePort } from '../apps/onhook/setup/free-port.mjs';
import { openTestHouse, type TestHouse } from './house.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

let house: TestHouse;
/** Between the gateway and its voice agents. */
let agentLine: TcpProxy;
let numbers = 0;

beforeAll(async () => {
  house = await openTestHouse();
  await house.program('gateway').stop();
  agentLine = await startTcpProxy(house.ports.agent);
  const port = await freePort({ taken: new Set<number>() });
  await house.startAnother('gateway', {
    PORT: String(port),
    MEDIA_PUBLIC_URL: `ws://127.0.0.1:${port}/carrier/twilio/media`,
    OPENAI_REALTIME_URL: `ws://127.0.0.1:${agentLine.port}/v1/realtime`,
    SILENCE_PROMPT_AFTER_MS: '4000',
    SILENCE_PROMPTS: '1',
  });
});
afterAll(async () => {
  await house.close();
  await agentLine.close();
});
afterEach(() => agentLine.refuse(false));

const nextNumber = (): string => `+1415555${String(5_000 + ++numbers)}`;
const end = (id: string): Promise<Response> => house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
const ledger = (call: string | null | undefined, kind: string): LedgerEntry[] =>
  house.simulator.entries({ call: call ?? 'none', kind });
const sessionsOf = (id: string): number => ledger(id, 'agent-session-opened').length;

/** A call in which the agent has been heard. */
async function talking(agentId: string, body: Record<string, unknown> = {}): Promise<{ id: string; sid: string }> {
  const { id } = await house.placeCall({ to: nextNumber(), agentId, ...body });
  const { attempts } = await house.until(id, ['bridged'], 20_000);
  const sid = attempts[0]!.carrierCallId!;
  await house.simulator.whenEntry((entry) => entry.kind === 'line-heard' && entry.callSid === sid, 20_000);
  return { id, sid };
}

describe('a call whose voice agent is cut off', () => {
  it('goes on with a new session that knows what was said', { timeout: 60_000 }, async () => {
    const { id, sid } = await talking('never-ends');
    const heardBefore = ledger(sid, 'line-heard').length;
    agentLine.cut();
    await expect.poll(() => sessionsOf(id), { timeout: 5_000 }).toBe(2);
    // Whoever is on the telephone hears the agent again.
    await expect.poll(() => ledger(sid, 'line-heard').length, { timeout: 20_000 }).toBeGreaterThan(heardBefore);
    expect((await house.readCall(id)).state).toBe('bridged');
    await end(id);
    expect(await house.until(id, ['ended'], 10_000)).toMatchObject({ cause: 'operator-ended-call' });
    await expect.poll(() => ledger(id, 'agent-session-closed').length, { timeout: 5_000 }).toBe(2);
  });

  it('and cannot be given another hears an apology to its end, and is over', { timeout: 60_000 }, async () => {
    const { id } = await talking('never-ends');
    agentLine.refuse(true);
    agentLine.cut();
    const call = await house.until(id, ['ended'], 20_000);
    expect(call).toMatchObject({ cause: 'agent-lost', endedBy: 'hangup-worker', endedParty: 'platform', goodbye: 'played' });
    const wav = readMuLawWav(readFileSync(path.join(house.recordingsDir, `${id}-1.wav`)));
    const file = path.join(import.meta.dirname, '../apps/gateway/assets/apology-en.wav');
    const apology = readMuLawWav(readFileSync(file))!.channels[0]!;
    expect(Buffer.from(wav!.channels[1]!).includes(Buffer.from(apology))).toBe(true);
  });
});

/** Side by side: what goes wrong here goes wrong for one number. */
describe.concurrent('a call', () => {
  it('goes on after two seconds without a frame from its carrier', { timeout: 60_000 }, async () => {
    const to = nextNumber();
    const { id, sid } = await talking('short', { to });
    await house.setFault({ kind: 'media-stall', to, delayMs: 2_000, count: 1 });
    const call = await house.until(id, ['ended'], 40_000);
    expect(ledger(sid, 'fault-struck')).toHaveLength(1);
    expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
  });

  it('is given up when its stream falls silent for good', { timeout: 60_000 }, async () => {
    const to = nextNumber();
    await house.setFault({ kind: 'stream-half-open', to, delayMs: 2_000, count: 1 });
    const { id } = await house.placeCall({ to, agentId: 'never-ends' });
    expect(await house.until(id, ['ended'], 40_000)).toMatchObject({ cause: 'media-lost', endedParty: 'carrier' });
  });

  it(
    'ends two seconds after its goodbye if no mark ever comes back, and the goodbye was heard',
    { timeout: 60_000 },
    async () => {
      const to = nextNumber();
      await house.setFault({ kind: 'mark-lost', to, count: 1_000 });
      const { id } = await house.placeCall({ to, agentId: 'short' });
      const call = await house.until(id, ['ended'], 40_000);
      const sid = call.attempts[0]?.carrierCallId;
      expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'timeout', endedBy: 'hangup-worker' });
      const farewell = ledger(id, 'agent-spoke').find((entry) => entry['farewell'] === true);
      const heard = ledger(sid, 'line-heard').find((entry) => entry['text'] === farewell?.['text']);
      expect(heard).toMatchObject({ fromMs: 0, toMs: heard?.['ofMs'] });
      const [ended] = ledger(sid, 'carrier-ended');
      expect(ended!.mono - Number(heard?.['lastPlayedMono'])).toBeLessThan(4_000);
    },
  );

  it('never mixes with others: each callee hears its own agent, and each agent its own callee', { timeout: 90_000 }, async () => {
    const names = ['Ada', 'Ben', 'Cleo', 'Dora', 'Emil', 'Finn'];
    const calls = await Promise.all(
      names.map(async (name) => {
        const to = nextNumber();
        const reply = `Good morning, ${name} is speaking.`;
        await house.setScenario({ to, persona: 'chats', replies: [reply, `${name} has nothing else to say.`] });
        const { id } = await house.placeCall({ to, agentId: 'named', variables: { name } });
        return { id, name };
      }),
    );
    const ended = await Promise.all(calls.map(({ id }) => house.until(id, ['ended'], 60_000)));
    for (const { id, name } of calls) {
      const { attempts, cause } = ended.find((call) => call.id === id)!;
      const calleeHeard = ledger(attempts[0]?.carrierCallId, 'line-heard').map(({ text }) => String(text));
      const agentHeard = ledger(id, 'agent-heard').map(({ text }) => String(text));
      expect(cause).toBe('agent-ended-call');
      expect(calleeHeard[0]).toBe(`Hello ${name}, how are you today?`);
      expect(agentHeard.some((text) => text.includes(name))).toBe(true);
      const others = names.filter((other) => other !== name);
      expect([...calleeHeard, ...agentHeard].filter((text) => others.some((other) => text.includes(other)))).toEqual([]);
    }
  });

  it('with somebody who says nothing asks, says goodbye, and is over', { timeout: 60_000 }, async () => {
    const to = nextNumber();
    await house.setScenario({ to, persona: 'silent' });
    const { id } = await house.placeCall({ to, agentId: 'never-ends' });
    const call = await house.until(id, ['ended'], 40_000);
    expect(call).toMatchObject({ cause: 'silence-timed-out', endedParty: 'platform', goodbye: 'played' });
    expect(ledger(call.attempts[0]?.carrierCallId, 'line-heard').map(({ text, toMs, ofMs }) => [text, toMs === ofMs])).toEqual([
      ['Hello, how are you today?', true],
      ['Are you still there?', true],
      ['I cannot hear you, so I will hang up now. Goodbye.', true],
    ]);
  });
});
