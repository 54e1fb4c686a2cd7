import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench, type LiveCall } from './testing/call-bench.js';
import type { FakeSession } from './testing/fake-agent.js';

type Talk = LiveCall & { readonly bench: CallBench; readonly session: FakeSession };
async function talking(): Promise<Talk> {
  const bench = await createCallBench({ source: { tools: { sendDtmf: true } } });
  return { bench, ...(await bench.talking()) };
}
const press = ({ socket, streamSid }: LiveCall, digits: string): void => {
  for (const digit of digits)
    socket.say({ event: 'dtmf', streamSid, sequenceNumber: '9', dtmf: { track: 'inbound_track', digit } });
};
const clears = ({ socket }: LiveCall): number => socket.clears();

describe('keys that the callee presses', () => {
  it('are heard by the agent together, after a pause', async () => {
    const talk = await talking();
    press(talk, '1');
    await talk.bench.time.advance(1_900);
    press(talk, '23');
    await talk.bench.time.advance(1_900);
    expect(talk.session.told).toEqual([]);
    await talk.bench.time.advance(200);
    expect(talk.session.told).toEqual(['[The caller pressed 1 2 3]']);
  });

  it('are heard at once with #, and when there are very many', async () => {
    const talk = await talking();
    press(talk, '42#');
    press(talk, '7'.repeat(33));
    await talk.bench.time.advance(0);
    expect(talk.session.told).toEqual(['[The caller pressed 4 2 #]', `[The caller pressed ${'7 '.repeat(32).trim()}]`]);
    await talk.bench.time.advance(2_100);
    expect(talk.session.told[2]).toBe('[The caller pressed 7]');
  });

  it('take the floor as speech does', async () => {
    const talk = await talking();
    talk.session.speak(5_000, { turnId: 't-1', itemId: 'i-1' });
    await talk.bench.time.advance(500);
    press(talk, '1#');
    expect([clears(talk), talk.session.interrupts.map(({ itemId }) => itemId)]).toEqual([1, ['i-1']]);
  });

  it('do not break into a greeting that is protected, and are answered behind it', async () => {
    const bench = await createCallBench();
    const talk = { ...(await bench.bridged()), session: bench.agent.last() };
    talk.session.speak(3_000, { turnId: 't-greeting', itemId: 'greeting' });
    await bench.time.advance(500);
    press(talk, '1#');
    expect([clears(talk), talk.session.told]).toEqual([0, ['[The caller pressed 1 #]']]);
  });

  it('keep a call whose goodbye is being said, as speech does', async () => {
    const talk = await talking();
    talk.session.speak(2_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
    talk.session.endCall('t-1');
    talk.session.events.turnDone({ turnId: 't-1', status: 'completed' });
    await talk.bench.time.advance(500);
    press(talk, '1#');
    await talk.bench.time.advance(5_000);
    expect((await talk.bench.record(talk.callId)).state).toBe('bridged');
    expect(talk.session.told).toEqual(['[The caller pressed 1 #]']);
  });

  it('keep it with the first of them, though more may follow', async () => {
    const talk = await talking();
    talk.session.speak(1_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
    talk.session.endCall('t-1');
    talk.session.events.turnDone({ turnId: 't-1', status: 'completed' });
    await talk.bench.time.advance(900);
    press(talk, '4');
    await talk.bench.time.advance(5_000);
    expect((await talk.bench.record(talk.callId)).state).toBe('bridged');
    expect(talk.session.told).toEqual(['[The caller pressed 4]']);
  });

  it('do not break into a goodbye whose agent is gone: nobody could answer', async () => {
    const talk = await talking();
    talk.session.speak(3_000, { turnId: 't-1', itemId: 'i-1' }, { done: false });
    talk.session.endCall('t-1');
    talk.session.events.turnDone({ turnId: 't-1', status: 'completed' });
    await talk.bench.time.advance(500);
    talk.session.die(1_011, { retryable: false });
    press(talk, '1#');
    await talk.bench.time.advance(3_500);
    expect(clears(talk)).toBe(0);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
  });

  it('do not break into last words that somebody else wanted', async () => {
    const talk = await talking();
    const wish = { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' } as const;
    await talk.bench.store.calls.apply(talk.callId, { ...wish, words: 'We must stop here.' });
    await talk.bench.store.orders.send(talk.bench.gatewayId, {
      type: 'say-and-end',
      callId: talk.callId,
      streamSid: talk.streamSid,
    });
    await talk.bench.time.advance(10);
    talk.session.speak(2_000, { turnId: 't-last', itemId: 'i-last' });
    press(talk, '1#');
    await talk.bench.time.advance(2_500);
    expect([talk.session.told, clears(talk)]).toEqual([[], 0]);
    expect(await talk.bench.record(talk.callId)).toMatchObject({ cause: 'operator-ended-call', goodbye: 'played' });
  });

  it('stand in the transcript', async () => {
    const talk = await talking();
    press(talk, '1#');
    talk.socket.hangUp();
    await talk.bench.time.advance(100);
    const kept = await talk.bench.store.transcripts.load(talk.callId);
    expect(JSON.stringify(kept)).toContain('[pressed 1 #]');
  });
});

describe('keys that the agent presses', () => {
  it('are tones in the call, behind what is being said; the agent is told when they were heard, and listens', async () => {
    const talk = await talking();
    const before = talk.socket.played().length;
    talk.session.callTool('send_dtmf', { digits: '1w2' }, 't-1');
    await talk.bench.time.advance(850);
    expect(talk.session.toolOutputs).toEqual([]);
    await talk.bench.time.advance(150);
    expect(talk.session.toolOutputs).toEqual(['The keys were pressed. Listen now.']);
    expect(talk.session.toolResults).toMatchObject([{ respond: false }]);
    // 120 + 80, half a second, 120 + 80.
    expect((talk.socket.played().length - before) / 8).toBe(900);
  });

  it('cannot be talked over: a menu that goes on would wipe out the key that it asks for', async () => {
    const talk = await talking();
    talk.session.callTool('send_dtmf', { digits: '123' }, 't-1');
    await talk.bench.time.advance(100);
    talk.session.events.calleeStartedSpeaking();
    await talk.bench.time.advance(800);
    expect([clears(talk), talk.session.toolOutputs]).toEqual([0, ['The keys were pressed. Listen now.']]);
    talk.session.speak(2_000, { turnId: 't-2', itemId: 'i-2' });
    talk.session.events.calleeStartedSpeaking();
    expect(clears(talk)).toBe(1);
  });

  it.each([[{ digits: '12x' }], [{ digits: '' }], [{ digits: '1'.repeat(33) }], [{ digits: 5 }], [{}], [null]])(
    '%j are none: the model is told',
    async (args) => {
      const talk = await talking();
      talk.session.callTool('send_dtmf', args, 't-1');
      expect(talk.session.toolOutputs).toEqual(['Digits must be 1 to 32 of 0-9, A-D, *, #, w and W.']);
    },
  );

  it('whose mark never comes back were perhaps not heard', async () => {
    const bench = await createCallBench({ source: { tools: { sendDtmf: true } } });
    const { session } = await bench.talking({ echoes: false });
    session.callTool('send_dtmf', { digits: '1' }, 't-1');
    await bench.time.advance(2_500);
    expect(session.toolOutputs).toEqual(['The keys could not be pressed.']);
  });

  it('are offered only to agents whose file says so', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    expect(session.request.tools.map(({ name }) => name)).toEqual(['end_call']);
  });
});
