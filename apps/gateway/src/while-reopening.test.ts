import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench, type LiveCall } from './testing/call-bench.js';
import { createFakeAgent, type FakeSession } from './testing/fake-agent.js';

type Talk = LiveCall & { readonly bench: CallBench; readonly session: FakeSession };
const APOLOGY = new Uint8Array(16_000).fill(0x33);
const source = { voicemail: { machine: 'leave-message', unknown: 'continue', message: 'Call us.' } } as const;

/** In a conversation whose session was lost; the next one, `session`, is not ready yet. */
async function reopening(): Promise<Talk> {
  const bench = await createCallBench({
    agent: createFakeAgent({ ready: (count) => count === 1 }),
    apology: APOLOGY,
    source,
    policy: { voicemail: 'leave-message' },
  });
  const call = await bench.talking();
  call.session.die();
  await bench.time.advance(500);
  return { ...call, bench, session: bench.agent.last() };
}

async function ready({ bench, session }: Talk): Promise<void> {
  session.events.ready({ sessionId: 'again', expiresInMs: null });
  await bench.time.advance(10);
}

async function sayAndEnd({ bench, callId, streamSid }: Talk): Promise<void> {
  const wish = { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' } as const;
  await bench.store.calls.apply(callId, { ...wish, words: 'We must stop here.' });
  await bench.store.orders.send(bench.gatewayId, { type: 'say-and-end', callId, streamSid });
  await bench.time.advance(10);
}

function press({ socket, streamSid }: LiveCall, digits: string): void {
  for (const digit of digits)
    socket.say({ event: 'dtmf', streamSid, sequenceNumber: '9', dtmf: { track: 'inbound_track', digit } });
}

describe('while a lost session is opened anew', () => {
  it('a verdict that a machine answered waits for it: the message is left then', async () => {
    const talk = await reopening();
    const { bench, callId, streamSid, session } = talk;
    await bench.store.orders.send(bench.gatewayId, { type: 'answered-by', callId, streamSid, who: 'machine' });
    await bench.time.advance(10);
    await ready(talk);
    expect(session.said).toEqual([{ words: 'Call us.', exact: true }]);
    session.speak(1_000, { turnId: 't-message', itemId: 'i-message' });
    await bench.time.advance(1_100);
    expect(await bench.record(callId)).toMatchObject({ cause: 'voicemail-message-left', goodbye: 'played' });
  });

  it('last words from outside wait for it, and are said to the letter', async () => {
    const talk = await reopening();
    const { bench, callId, session } = talk;
    await sayAndEnd(talk);
    expect([(await bench.record(callId)).state, session.said]).toEqual(['bridged', []]);
    await ready(talk);
    expect(session.said).toEqual([{ words: 'We must stop here.', exact: true }]);
    session.speak(1_500, { turnId: 't-last', itemId: 'i-last' });
    await bench.time.advance(1_600);
    expect(await bench.record(callId)).toMatchObject({ cause: 'operator-ended-call', by: 'operator', goodbye: 'played' });
  });

  it('the goodbye of a process that stops waits for it too', async () => {
    const talk = await reopening();
    const stopped = talk.bench.gateway.stop({ acceptMs: 0, goodbyeAfterMs: 1_000, endAfterMs: 12_000 });
    await talk.bench.time.advance(1_010);
    await ready(talk);
    expect(talk.session.said.map(({ words }) => words)).toEqual(['I am sorry, I have to end this call now. Goodbye.']);
    talk.session.speak(1_000, { turnId: 't-bye', itemId: 'i-bye' });
    await talk.bench.time.advance(6_000);
    await stopped;
    expect(await talk.bench.record(talk.callId)).toMatchObject({ cause: 'worker-shutdown', goodbye: 'played' });
  });

  it('such words are given up with it: an apology in their place, and the cause of whoever asked', async () => {
    const talk = await reopening();
    await sayAndEnd(talk);
    talk.session.die();
    await talk.bench.time.advance(1_900);
    expect((await talk.bench.record(talk.callId)).state).toBe('bridged');
    await talk.bench.time.advance(200);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ cause: 'operator-ended-call', by: 'operator' });
    expect(Buffer.from(talk.socket.played()).subarray(-16_000).equals(APOLOGY)).toBe(true);
  });

  it('keys wait for it: the agent is told once, and they stand once in the transcript', async () => {
    const talk = await reopening();
    press(talk, '12#');
    await ready(talk);
    expect(talk.session.told).toEqual(['[The caller pressed 1 2 #]']);
    talk.socket.hangUp();
    await talk.bench.time.advance(100);
    const kept = JSON.stringify(await talk.bench.store.transcripts.load(talk.callId));
    expect(kept.split('[pressed 1 2 #]')).toHaveLength(2);
  });

  it('keys are not told to an agent that is to say last words', async () => {
    const talk = await reopening();
    press(talk, '1#');
    await sayAndEnd(talk);
    await ready(talk);
    expect([talk.session.told, talk.session.said.length]).toEqual([[], 1]);
  });
});

describe('while the first session is still being opened behind a prepared greeting', () => {
  it('keys wait for it', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ ready: false }), greeting: new Uint8Array(8_000).fill(0x22) });
    const talk = { ...(await bench.bridged()), bench, session: bench.agent.last() };
    press(talk, '7#');
    await bench.time.advance(100);
    await ready(talk);
    expect([talk.session.told, talk.session.said]).toEqual([['[The caller pressed 7 #]'], []]);
  });
});

describe('a greeting whose turn comes to nothing', () => {
  it.each(['completed', 'incomplete', 'cancelled'] as const)(
    'silent and %s: it is asked for once more, and no oftener',
    async (status) => {
      const bench = await createCallBench();
      await bench.bridged();
      const session = bench.agent.last();
      session.events.turnDone({ turnId: 't-1', status });
      expect(session.said).toHaveLength(2);
      expect(session.said[1]).toEqual(session.said[0]);
      session.events.turnDone({ turnId: 't-2', status });
      expect(session.said).toHaveLength(2);
    },
  );

  it('is not asked for again once the call is being ended', async () => {
    const bench = await createCallBench();
    const talk = { ...(await bench.bridged()), bench, session: bench.agent.last() };
    await sayAndEnd(talk);
    talk.session.events.turnDone({ turnId: 't-1', status: 'cancelled' });
    expect(talk.session.said.map(({ words }) => words).slice(1)).toEqual(['We must stop here.']);
  });
});
