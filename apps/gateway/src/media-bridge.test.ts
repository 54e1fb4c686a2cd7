import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench, type LiveCall } from './testing/call-bench.js';
import { createFakeAgent, type FakeSession } from './testing/fake-agent.js';

/** What the hangup worker does about a call that ends: the carrier's end and the close order. */
async function orderClose(bench: CallBench, { callId, streamSid }: LiveCall): Promise<void> {
  await bench.store.orders.send(bench.gatewayId, { type: 'close', callId, streamSid });
  await bench.time.advance(0);
}

/** A farewell in one response with the tool call. */
function sayGoodbye(session: FakeSession, ms = 2_000, n = 1): Uint8Array {
  const item = { turnId: `t-bye-${n}`, itemId: `bye-${n}` };
  const audio = session.speak(ms, item, { done: false });
  session.events.audioDone(item);
  session.endCall(item.turnId, `tool-${n}`);
  session.events.turnDone({ turnId: item.turnId, status: 'completed' });
  return audio;
}

describe('a call that goes as it should', () => {
  it('greets, listens, hears the goodbye out, asks for the end, and closes both sockets on the order', async () => {
    const bench = await createCallBench();
    const call = await bench.bridged();
    const session = bench.agent.last();
    expect((await bench.record(call.callId)).state).toBe('bridged');
    expect(session.said).toEqual([{ words: 'Hello. I am an automated AI assistant. Hello Ada.', exact: true }]);
    expect(session.request.tools.map((tool) => tool.name)).toEqual(['end_call']);

    session.speak(1_000, { turnId: 't1', itemId: 'i1' });
    await bench.time.advance(1_500);
    session.events.calleeStartedSpeaking();
    session.events.calleeStoppedSpeaking();
    const goodbye = sayGoodbye(session);
    await bench.time.advance(1_990);
    expect((await bench.record(call.callId)).state).toBe('bridged');
    await bench.time.advance(20);
    expect(await bench.record(call.callId)).toMatchObject({
      state: 'ending',
      cause: 'agent-ended-call',
      by: 'agent',
      goodbye: 'played',
    });
    expect(bench.wakes).toContainEqual({ type: 'wake-hangup', callId: call.callId });
    expect(Buffer.from(call.socket.played()).subarray(-goodbye.length).equals(Buffer.from(goodbye))).toBe(true);

    await orderClose(bench, call);
    expect(call.socket.isClosed()).toBe(true);
    expect(session.isClosed()).toBe(true);
    expect(bench.gateway.live()).toBe(0);
    const record = await bench.record(call.callId);
    expect(record).toMatchObject({ state: 'ending', owner: null, recording: { durationMs: expect.any(Number) } });
    expect(record.recording!.durationMs).toBeGreaterThanOrEqual(3_500);
    expect(await bench.timeline(call.callId)).toEqual(['stream-started', 'end-asked', 'media-closed', 'noted']);
  });

  it('records both sides in step, the goodbye to its last byte', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    const goodbye = sayGoodbye(session);
    await bench.time.advance(2_100);
    await orderClose(bench, call);
    const [left, right] = bench.recordings.get(`${call.callId}-1`)!.channels;
    const at = Buffer.from(right!).indexOf(Buffer.from(goodbye));
    expect(at).toBe(2_100 * 8);
    // The callee's frames count in their first byte: the second one stands at 20 ms.
    expect(left!.subarray(0, 161)[0]).toBe(1);
    expect(left![20 * 8]).toBe(2);
    expect(left!.length).toBe(right!.length);
  });

  it('hears what was said while the commit was under way', async () => {
    const bench = await createCallBench({ protectGreeting: false });
    const claim = await bench.answered();
    const socket = bench.socket();
    const streamSid = bench.connect(socket, claim);
    const payload = Buffer.from(new Uint8Array(160).fill(7)).toString('base64');
    socket.say({ event: 'media', streamSid, media: { track: 'inbound', chunk: '1', timestamp: '155', payload } });
    await bench.time.advance(0);
    expect(bench.agent.last().heard.map((audio) => audio[0])).toEqual([7]);
  });
});

describe('barge-in', () => {
  it('clears, tells the agent the heard millisecond, and plays nothing of the old turn any more', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    session.speak(3_000, { turnId: 't2', itemId: 'i2' }, { done: false });
    await bench.time.advance(1_000);
    session.events.calleeStartedSpeaking();
    expect(socket.clears()).toBe(1);
    expect(session.interrupts).toHaveLength(1);
    expect(session.interrupts[0]!.itemId).toBe('i2');
    expect(session.interrupts[0]!.heardMs).toBeGreaterThanOrEqual(980);
    expect(session.interrupts[0]!.heardMs).toBeLessThanOrEqual(1_000);
    const sentBefore = socket.sent.length;
    session.speak(500, { turnId: 't2', itemId: 'i2' });
    expect(socket.sent.slice(sentBefore).filter(({ event }) => event === 'media')).toEqual([]);
    session.speak(500, { turnId: 't3', itemId: 'i3' });
    expect(socket.sent.slice(sentBefore).some(({ event }) => event === 'media')).toBe(true);
  });

  it('does nothing when all was heard already', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    session.events.calleeStartedSpeaking();
    expect(socket.clears()).toBe(0);
    expect(session.interrupts).toEqual([]);
  });

  it('cannot wipe out the greeting: until it was heard the agent hears silence', async () => {
    const bench = await createCallBench();
    await bench.bridged();
    const session = bench.agent.last();
    session.speak(1_000, { turnId: 't1', itemId: 'greeting' });
    await bench.time.advance(400);
    expect(session.heard.length).toBeGreaterThan(10);
    expect(session.heard.every((audio) => audio[0] === 0xff)).toBe(true);
    await bench.time.advance(300);
    expect(session.heard.at(-1)![0]).not.toBe(0xff);
  });
});

describe('a goodbye that nobody may interrupt', () => {
  /** Does what a provider does that hears speech: breaks off the response that it is generating. */
  function breaksOffWhenItHears(session: FakeSession, turnId: string): () => boolean {
    const from = session.heard.length;
    return () => {
      const isBrokenOff = session.heard.slice(from).some((audio) => audio.some((sample) => sample !== 0xff));
      if (isBrokenOff) {
        session.events.calleeStartedSpeaking();
        session.events.turnDone({ turnId, status: 'cancelled' });
      }
      return isBrokenOff;
    };
  }

  it('is not broken off by the provider either: while it is generated and heard the agent hears silence', async () => {
    const bench = await createCallBench();
    const { session, callId, streamSid } = await bench.talking();
    const wanted = { source: 'api', cause: 'operator-ended-call', by: 'operator', words: 'We close now.' } as const;
    await bench.store.calls.apply(callId, { type: 'end-asked', ...wanted });
    await bench.store.orders.send(bench.gatewayId, { type: 'say-and-end', callId, streamSid });
    await bench.time.advance(0);
    const isBrokenOff = breaksOffWhenItHears(session, 't2');
    session.speak(1_000, { turnId: 't2', itemId: 'bye' }, { done: false });
    await bench.time.advance(500);
    expect(isBrokenOff()).toBe(false);
    session.speak(1_000, { turnId: 't2', itemId: 'bye' });
    await bench.time.advance(1_400);
    expect([isBrokenOff(), (await bench.record(callId)).state]).toEqual([false, 'bridged']);
    await bench.time.advance(200);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'operator-ended-call', goodbye: 'played' });
  });

  it('is only such a one: into the first goodbye of the agent itself the callee is heard', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    sayGoodbye(session, 2_000);
    const isBrokenOff = breaksOffWhenItHears(session, 't-bye-1');
    await bench.time.advance(500);
    expect(isBrokenOff()).toBe(true);
    await bench.time.advance(3_000);
    expect((await bench.record(callId)).state).toBe('bridged');
  });
});

describe('the end that the agent wants', () => {
  it('is not granted during the greeting', async () => {
    const bench = await createCallBench();
    const call = await bench.bridged();
    const session = bench.agent.last();
    session.speak(1_000, { turnId: 't1', itemId: 'greeting' }, { done: false });
    session.endCall('t1');
    session.events.turnDone({ turnId: 't1', status: 'completed' });
    await bench.time.advance(5_000);
    expect((await bench.record(call.callId)).state).toBe('bridged');
    expect(session.toolResults).toEqual([{ toolCallId: 'tool-1', respond: false }]);
  });

  it('asks for a goodbye if the tool came without one, and forbids another call in it', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    session.endCall('t2');
    session.events.turnDone({ turnId: 't2', status: 'completed' });
    expect(session.toolResults).toEqual([{ toolCallId: 'tool-1', respond: true, withTools: false }]);
    await bench.time.advance(300);
    session.speak(1_200, { turnId: 't3', itemId: 'bye' });
    await bench.time.advance(1_250);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
  });

  it('comes without a goodbye if the agent stays silent, after five seconds', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    session.endCall('t2');
    session.events.turnDone({ turnId: 't2', status: 'completed' });
    await bench.time.advance(5_010);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'agent-ended-call', goodbye: 'none' });
  });

  it('is not blocked by a carrier that echoes no mark', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking({ echoes: false });
    sayGoodbye(session, 2_000);
    await bench.time.advance(3_900);
    expect((await bench.record(call.callId)).state).toBe('bridged');
    await bench.time.advance(200);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'timeout' });
  });

  it('is given up for a callee who speaks into the goodbye, twice; the third goodbye is played out', async () => {
    const bench = await createCallBench();
    const { session, socket, ...call } = await bench.talking();
    for (const n of [1, 2, 3]) {
      sayGoodbye(session, 2_000, n);
      await bench.time.advance(500);
      session.events.calleeStartedSpeaking();
      session.events.calleeStoppedSpeaking();
      await bench.time.advance(100);
      expect((await bench.record(call.callId)).state).toBe('bridged');
    }
    expect(socket.clears()).toBe(2);
    await bench.time.advance(1_500);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
    expect(session.toolResults.map(({ toolCallId }) => toolCallId)).toEqual(['tool-1', 'tool-2']);
  });

  it('plays the goodbye to its end when the agent dies behind it', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    sayGoodbye(session, 2_000);
    await bench.time.advance(300);
    session.die();
    await bench.time.advance(1_750);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'agent-ended-call', goodbye: 'played' });
  });

  it('knows a callee who hung up into the goodbye', async () => {
    const bench = await createCallBench();
    const { session, socket, ...call } = await bench.talking();
    sayGoodbye(session, 2_000);
    await bench.time.advance(500);
    socket.hangUp();
    await bench.time.advance(10);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'callee-hung-up', goodbye: 'callee-hangup' });
    expect(session.isClosed()).toBe(true);
  });
});

describe('two calls at once', () => {
  it('never mix: each agent, socket and end belongs to its own call', async () => {
    const bench = await createCallBench();
    const first = await bench.talking();
    const second = await bench.talking();
    sayGoodbye(first.session, 1_000);
    const words = second.session.speak(3_000, { turnId: 't9', itemId: 'i9' });
    await bench.time.advance(1_100);
    expect((await bench.record(first.callId)).state).toBe('ending');
    expect((await bench.record(second.callId)).state).toBe('bridged');
    await orderClose(bench, first);
    await bench.time.advance(2_000);
    expect(first.socket.isClosed()).toBe(true);
    expect(second.socket.isClosed()).toBe(false);
    expect(Buffer.from(second.socket.played()).subarray(-words.length).equals(Buffer.from(words))).toBe(true);
  });

  it('do not fall together: an error inside one ends only that one', async () => {
    const bench = await createCallBench();
    const first = await bench.talking();
    const second = await bench.talking();
    first.session.events.audio(null as never, { turnId: 't', itemId: 'i' });
    await bench.time.advance(0);
    expect(await bench.record(first.callId)).toMatchObject({ state: 'ending', cause: 'internal-error' });
    expect((await bench.record(second.callId)).state).toBe('bridged');
  });

  it('survive an agent adapter that throws on opening', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ throws: true }) });
    const call = await bench.bridged();
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'internal-error' });
    await bench.time.advance(10_000);
    expect(bench.gateway.live()).toBe(0);
  });
});
