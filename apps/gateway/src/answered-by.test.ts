import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench, type LiveCall } from './testing/call-bench.js';
import type { FakeSession } from './testing/fake-agent.js';
import { createFakeAgent } from './testing/fake-agent.js';
import type { AnsweredBy } from '@onhook/contracts';

type Talk = LiveCall & { readonly bench: CallBench; readonly session: FakeSession };
const leaves = {
  voicemail: { machine: 'leave-message', unknown: 'continue', message: 'This is for {{name}}. Call us.' },
} as const;
const policy = { voicemail: 'leave-message', unknownAnswer: 'continue' } as const;

async function talking(options: Parameters<typeof createCallBench>[0] = { source: leaves, policy }): Promise<Talk> {
  const bench = await createCallBench(options);
  return { bench, ...(await bench.talking()) };
}

/** As the api does: the record first, then the order that it asks for. */
async function verdict({ bench, callId, sid, streamSid }: Talk, who: AnsweredBy): Promise<void> {
  const applied = await bench.store.calls.apply(callId, { type: 'answered-by', source: 'callback', n: 1, sid, who });
  for (const effect of applied?.effects ?? []) {
    if (effect.type === 'order') await bench.store.orders.send(effect.gatewayId, effect.order);
    if (effect.type === 'wake-hangup') await bench.store.orders.send(bench.gatewayId, { type: 'close', callId, streamSid });
  }
  await bench.time.advance(10);
}

describe('a call whose carrier says that a machine answered', () => {
  it('leaves the message to the letter, over whatever was being said, and ends when it was heard', async () => {
    const talk = await talking();
    talk.session.speak(10_000, { turnId: 't-1', itemId: 'i-1' });
    await talk.bench.time.advance(500);
    await verdict(talk, 'machine');
    expect(talk.socket.clears()).toBe(1);
    expect(talk.session.said.at(-1)).toEqual({ words: 'This is for Ada. Call us.', exact: true });
    talk.session.speak(3_000, { turnId: 't-2', itemId: 'i-2' });
    // The machine still talks: a message is not broken off.
    talk.session.events.calleeStartedSpeaking();
    await talk.bench.time.advance(2_900);
    expect((await talk.bench.record(talk.callId)).state).toBe('bridged');
    await talk.bench.time.advance(200);
    expect(await talk.bench.record(talk.callId)).toMatchObject({
      cause: 'voicemail-message-left',
      by: 'platform',
      goodbye: 'played',
    });
  });

  it('does so also if that was known before the stream came: nobody is greeted', async () => {
    const agent = createFakeAgent({ ready: false });
    const bench = await createCallBench({ source: leaves, policy, verdict: 'machine', agent });
    await bench.bridged();
    await bench.time.advance(1_000);
    agent.last().events.ready({ sessionId: 'late', expiresInMs: null });
    expect(agent.last().said.map(({ words }) => words)).toEqual(['This is for Ada. Call us.']);
  });

  it('does so once the agent is there, if the verdict comes first', async () => {
    const agent = createFakeAgent({ ready: false });
    const bench = await createCallBench({ source: leaves, policy, agent });
    const talk = { bench, ...(await bench.bridged()), session: agent.last() };
    await verdict(talk, 'machine');
    expect(talk.session.said).toEqual([]);
    talk.session.events.ready({ sessionId: 'late', expiresInMs: null });
    expect(talk.session.said.map(({ words }) => words)).toEqual(['This is for Ada. Call us.']);
  });

  it('goes on if that is the policy', async () => {
    const talk = await talking({ source: { voicemail: { machine: 'continue' } }, policy: { voicemail: 'continue' } });
    await verdict(talk, 'machine');
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', answeredBy: 'machine' });
    expect(talk.session.said).toHaveLength(1);
  });

  it('is hung up if that is the policy: by the record itself', async () => {
    const talk = await talking({ source: { voicemail: {} }, policy: { voicemail: 'hang-up' } });
    await verdict(talk, 'machine');
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'ending', cause: 'voicemail' });
    expect(talk.session.isClosed()).toBe(true);
  });
});

describe('any other verdict', () => {
  it.each(['human', 'unknown'] as const)('%s: the conversation goes on', async (who) => {
    const talk = await talking();
    await verdict(talk, who);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ state: 'bridged', answeredBy: who });
    expect([talk.session.said.length, talk.socket.clears()]).toEqual([1, 0]);
  });

  it('unknown may be left a message too', async () => {
    const source = { voicemail: { ...leaves.voicemail, unknown: 'leave-message' } } as const;
    const talk = await talking({ source, policy: { ...policy, unknownAnswer: 'leave-message' } });
    await verdict(talk, 'unknown');
    expect(talk.session.said.at(-1)?.words).toBe('This is for Ada. Call us.');
  });

  it('a second one changes nothing', async () => {
    const talk = await talking();
    await verdict(talk, 'human');
    const { callId, streamSid } = talk;
    await talk.bench.store.orders.send(talk.bench.gatewayId, { type: 'answered-by', callId, streamSid, who: 'machine' });
    await talk.bench.time.advance(10);
    expect(talk.session.said).toHaveLength(1);
  });
});
