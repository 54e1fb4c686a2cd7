import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';
import { createFakeAgent } from './testing/fake-agent.js';

const APOLOGY = new Uint8Array(16_000).fill(0x33);

describe('an agent session that is lost in mid-call', () => {
  it('is opened anew, once, and knows what was said as far as it was heard', async () => {
    const bench = await createCallBench({ apology: APOLOGY });
    const { session, callId } = await bench.talking();
    session.events.transcript({ role: 'agent', text: 'Hello Ada.', final: true, itemId: 'greeting' });
    session.events.calleeStartedSpeaking({ itemId: 'callee-1' });
    await bench.time.advance(1_000);
    session.events.calleeStoppedSpeaking();
    session.events.transcript({ role: 'callee', text: 'Who is this?', final: true, itemId: 'callee-1' });
    session.speak(2_000, { turnId: 't2', itemId: 'i2' }, { done: false });
    session.events.transcript({ role: 'agent', text: 'This is the clinic and', final: false, itemId: 'i2' });
    await bench.time.advance(500);
    session.die();
    await bench.time.advance(10);
    expect(bench.agent.sessions).toHaveLength(2);
    // What was sent is still being played: it will have been heard.
    expect(bench.agent.last().request.resume).toEqual({
      lines: [
        { role: 'agent', text: 'Hello Ada.' },
        { role: 'callee', text: 'Who is this?' },
        { role: 'agent', text: 'This is the clinic and' },
      ],
      respond: true,
      afterBreak: true,
    });
    expect(bench.agent.last().said).toEqual([]);
    bench.agent.last().speak(1_000, { turnId: 't3', itemId: 'i3' }, { done: false });
    await bench.time.advance(5_000);
    expect((await bench.record(callId)).state).toBe('bridged');
    expect(bench.agent.last().heard.length).toBeGreaterThan(200);
    bench.agent.last().events.transcript({ role: 'agent', text: 'Goodbye.', final: true, itemId: 'i3' });
    bench.agent.last().endCall('t3');
    bench.agent.last().events.turnDone({ turnId: 't3', status: 'completed' });
    await bench.time.advance(3_000);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'agent-ended-call' });
  });

  it('listens only, if nobody waited for the agent', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    session.die();
    await bench.time.advance(10);
    expect(bench.agent.last().request.resume).toMatchObject({ respond: false });
  });

  it('gives the callee’s words to the new one while it is still being opened', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ ready: (session) => session === 1 }) });
    const { session } = await bench.talking();
    session.die();
    await bench.time.advance(1_000);
    expect(bench.agent.last().heard.length).toBeGreaterThanOrEqual(49);
  });

  it('a second time within a minute ends the call, but not without a word', async () => {
    const bench = await createCallBench({ apology: APOLOGY });
    const { session, socket, callId } = await bench.talking();
    session.die();
    await bench.time.advance(9_000);
    bench.agent.last().die();
    await bench.time.advance(1_990);
    expect(bench.agent.sessions).toHaveLength(2);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(20);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'agent-lost', by: 'platform', goodbye: 'played' });
    expect(Buffer.from(socket.played()).subarray(-16_000).equals(APOLOGY)).toBe(true);
  });

  it('is forgiven again after a minute in which all was well', async () => {
    const bench = await createCallBench({
      policy: { maxDurationSec: 600 },
      inCall: { silencePromptAfterMs: 0, silenceEndsAfterMs: 600_000 },
    });
    const { session, callId } = await bench.talking();
    session.die();
    await bench.time.advance(61_000);
    bench.agent.last().die();
    await bench.time.advance(1_000);
    expect(bench.agent.sessions).toHaveLength(3);
    expect((await bench.record(callId)).state).toBe('bridged');
  });

  it('is not tried again when that is of no use, nor for longer than five seconds', async () => {
    const bench = await createCallBench({ apology: APOLOGY });
    const hopeless = await bench.talking();
    hopeless.session.die(1008, { retryable: false });
    await bench.time.advance(2_010);
    expect(await bench.record(hopeless.callId)).toMatchObject({ cause: 'agent-lost', goodbye: 'played' });

    const slow = await createCallBench({ apology: APOLOGY, agent: createFakeAgent({ ready: (session) => session === 1 }) });
    const call = await slow.talking();
    call.session.die();
    await slow.time.advance(6_900);
    expect(slow.agent.sessions).toHaveLength(2);
    expect((await slow.record(call.callId)).state).toBe('bridged');
    await slow.time.advance(200);
    expect(await slow.record(call.callId)).toMatchObject({ cause: 'agent-lost', goodbye: 'played' });
    expect(slow.agent.last().isClosed()).toBe(true);
  });

  it('takes late audio and late answers to its tools with it', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    const { events } = session;
    session.die();
    await bench.time.advance(10);
    const before = socket.sent.length;
    events.audio(new Uint8Array(800), { turnId: 'late', itemId: 'late' });
    events.toolCall({ toolCallId: 'late', turnId: 'late', name: 'nothing', args: {} });
    expect(socket.sent.length).toBe(before);
    expect(bench.agent.last().toolResults).toEqual([]);
  });

  it('without an apology ends the call at once', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    session.die(1008, { retryable: false });
    await bench.time.advance(10);
    expect(await bench.record(callId)).toMatchObject({ state: 'ending', cause: 'agent-lost', goodbye: null });
  });
});

describe('an agent that cannot be reached at all', () => {
  it('is tried a second time at once, and greets then', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ ready: (session) => session === 2 }) });
    const call = await bench.bridged();
    bench.agent.last().events.closed({ code: 1006, reason: 'ECONNRESET', opened: false, byUs: false, retryable: true });
    await bench.time.advance(10);
    expect(bench.agent.sessions).toHaveLength(2);
    expect(bench.agent.last().request.resume).toBeUndefined();
    expect(bench.agent.last().said.map(({ words }) => words)).toEqual(['Hello. I am an automated AI assistant. Hello Ada.']);
    expect((await bench.record(call.callId)).state).toBe('bridged');
  });

  it('is apologised for after five seconds', async () => {
    const bench = await createCallBench({ apology: APOLOGY, agent: createFakeAgent({ ready: false }) });
    const { callId } = await bench.bridged();
    await bench.time.advance(6_900);
    expect((await bench.record(callId)).state).toBe('bridged');
    await bench.time.advance(700);
    expect(await bench.record(callId)).toMatchObject({ cause: 'agent-connect-failed', goodbye: 'played' });
  });
});

describe('an agent session that was lost before it said the first words', () => {
  it('is followed by one that says them', async () => {
    const bench = await createCallBench();
    await bench.bridged();
    await bench.time.advance(100);
    bench.agent.last().die();
    await bench.time.advance(10);
    expect(bench.agent.last().request.resume).toMatchObject({ respond: false, lines: [] });
    expect(bench.agent.last().said.map(({ words }) => words)).toEqual(['Hello. I am an automated AI assistant. Hello Ada.']);
  });
});

describe('an agent that falls silent', () => {
  it('with an answer owed, for fifteen seconds, is replaced by a session that answers', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    session.events.calleeStartedSpeaking();
    await bench.time.advance(1_000);
    session.events.calleeStoppedSpeaking();
    await bench.time.advance(14_500);
    expect(bench.agent.sessions).toHaveLength(1);
    await bench.time.advance(2_000);
    expect(session.isClosed()).toBe(true);
    expect(bench.agent.last().request.resume).toMatchObject({ respond: true, afterBreak: true });
  });

  it('because a turn failed is asked again, three times, and then apologised for', async () => {
    const bench = await createCallBench({ apology: APOLOGY });
    const { session, callId } = await bench.talking();
    const fail = (n: number): void => {
      session.events.calleeStoppedSpeaking();
      session.events.turnDone({ turnId: `failed-${n}`, status: 'failed', error: 'server_error' });
    };
    for (const [n, pauseMs] of [250, 1_000, 2_500].entries()) {
      fail(n);
      await bench.time.advance(pauseMs);
      expect(session.responds).toHaveLength(n + 1);
    }
    fail(4);
    await bench.time.advance(2_010);
    expect(await bench.record(callId)).toMatchObject({ cause: 'agent-lost', goodbye: 'played' });
  });

  it('because its greeting failed is asked for the very words again', async () => {
    const bench = await createCallBench();
    await bench.bridged();
    const session = bench.agent.last();
    session.events.turnDone({ turnId: 'greeting', status: 'failed' });
    await bench.time.advance(300);
    expect(session.said).toHaveLength(2);
    expect(session.said[1]).toEqual(session.said[0]);
  });
});

describe('an agent session that its provider will end', () => {
  const quiet = { silencePromptAfterMs: 0, silenceEndsAfterMs: 3_000_000, agentSilentAfterMs: 3_000_000 };

  it('is replaced before that, in a moment in which nobody speaks, without anybody hearing it', async () => {
    const agent = createFakeAgent({ expiresInMs: 600_000 });
    const bench = await createCallBench({ agent, inCall: quiet, policy: { maxDurationSec: 3_000 } });
    const { session, callId } = await bench.talking();
    session.events.transcript({ role: 'agent', text: 'Hello Ada.', final: true, itemId: 'greeting' });
    // 80 % of its life is over, but somebody speaks.
    await bench.time.advance(479_000 - 2_100);
    session.events.calleeStartedSpeaking();
    await bench.time.advance(5_000);
    expect(agent.sessions).toHaveLength(1);
    session.events.calleeStoppedSpeaking();
    session.speak(1_000, { turnId: 't2', itemId: 'i2' });
    await bench.time.advance(1_600);
    expect(agent.sessions).toHaveLength(2);
    expect(agent.last().request.resume).toEqual({ lines: [{ role: 'agent', text: 'Hello Ada.' }], respond: false });
    expect(session.isClosed()).toBe(true);
    const heard = agent.last().heard.length;
    await bench.time.advance(1_000);
    expect(agent.last().heard.length).toBe(heard + 50);
    expect((await bench.record(callId)).state).toBe('bridged');
  });

  it('stays if somebody begins to speak before the other is ready, and it is tried again', async () => {
    const agent = createFakeAgent({ expiresInMs: 600_000, ready: (session) => session !== 2 });
    const bench = await createCallBench({ agent, inCall: quiet, policy: { maxDurationSec: 3_000 } });
    const { session } = await bench.talking();
    await bench.time.advance(480_000);
    expect(agent.sessions).toHaveLength(2);
    const standby = agent.last();
    session.events.calleeStartedSpeaking();
    standby.events.ready({ sessionId: 'two', expiresInMs: 600_000 });
    expect(standby.isClosed()).toBe(true);
    expect(session.isClosed()).toBe(false);
    session.events.calleeStoppedSpeaking();
    session.speak(500, { turnId: 't2', itemId: 'i2' });
    await bench.time.advance(12_000);
    expect(agent.sessions).toHaveLength(3);
    expect(session.isClosed()).toBe(true);
  });

  it('is replaced half a minute before at the latest, though somebody speaks', { timeout: 120_000 }, async () => {
    const agent = createFakeAgent({ expiresInMs: 600_000 });
    const bench = await createCallBench({ agent, inCall: quiet, policy: { maxDurationSec: 3_000 } });
    const { session } = await bench.talking();
    const talk = bench.time.every(1_000, () =>
      session.speak(1_100, { turnId: `t${bench.time.now()}`, itemId: `i${bench.time.now()}` }),
    );
    await bench.time.advance(567_000);
    expect(agent.sessions).toHaveLength(1);
    await bench.time.advance(4_000);
    talk.cancel();
    expect(session.isClosed()).toBe(true);
    expect(agent.last().request.resume).toMatchObject({ afterBreak: true });
  });
});
