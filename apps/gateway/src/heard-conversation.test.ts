import type { Logger } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { createCallBench } from './testing/call-bench.js';
import { createFakeAgent } from './testing/fake-agent.js';

const item = (n: number) => ({ turnId: `t${n}`, itemId: `i${n}` });
const OPENING = 'Hello. I am an automated AI assistant. Hello Ada.';

/** Keeps all that is logged, as text. */
function listeningLogger(): { logger: Logger; text(): string } {
  const lines: string[] = [];
  const write = (...args: unknown[]): void => void lines.push(JSON.stringify(args));
  const logger: Logger = {
    fatal: write,
    error: write,
    warn: write,
    info: write,
    debug: write,
    trace: write,
    child: () => logger,
  } as unknown as Logger;
  return { logger, text: () => lines.join('\n') };
}

describe('the transcript of a live call', () => {
  it('is kept with the call as it was heard, and no word of it is logged', async () => {
    const { logger, text } = listeningLogger();
    const bench = await createCallBench({ logger });
    const { session, socket, callId } = await bench.talking();
    session.events.transcript({ role: 'agent', text: OPENING, final: true, itemId: 'greeting' });
    session.events.calleeStartedSpeaking({ itemId: 'u1' });
    await bench.time.advance(900);
    session.events.calleeStoppedSpeaking();
    await bench.time.advance(600);
    session.events.transcript({
      role: 'agent',
      text: 'We are open on Monday, on Tuesday and on Friday.',
      final: true,
      itemId: 'i1',
    });
    session.speak(4_800, item(1));
    session.events.transcript({ role: 'callee', text: 'When do you open?', final: true, itemId: 'u1' });
    await bench.time.advance(2_400);
    session.events.calleeStartedSpeaking({ itemId: 'u2' });
    await bench.time.advance(500);
    session.events.calleeStoppedSpeaking();
    session.events.transcript({ role: 'callee', text: 'Thanks.', final: true, itemId: 'u2' });
    socket.hangUp();
    await bench.time.advance(50);

    const transcript = await bench.store.transcripts.load(callId);
    expect(transcript).toMatchObject({ v: 1, attempt: 1, truncated: false });
    const near = (ms: number) => expect.closeTo(ms, -1.7);
    expect(transcript!.lines).toEqual([
      { who: 'agent', text: OPENING, fromMs: near(0), toMs: near(1_000) },
      { who: 'callee', text: 'When do you open?', fromMs: near(2_100), toMs: near(3_000) },
      {
        who: 'agent',
        text: 'We are open on Monday,',
        cleared: 'on Tuesday and on Friday.',
        fromMs: near(3_600),
        toMs: near(6_000),
        latencyMs: 600,
      },
      { who: 'callee', text: 'Thanks.', fromMs: near(6_000), toMs: near(6_500) },
    ]);
    expect(text()).toMatch(/sockets closed/);
    expect(text()).not.toMatch(/Monday|Thanks|automated|Ada/);
  });

  it('reaches the store later if Redis is away when the call ends', async () => {
    const bench = await createCallBench();
    const { session, socket, callId } = await bench.talking();
    session.events.transcript({ role: 'agent', text: OPENING, final: true, itemId: 'greeting' });
    bench.setRedisDown(true);
    socket.hangUp();
    await bench.time.advance(3_000);
    bench.setRedisDown(false);
    expect(await bench.store.transcripts.load(callId)).toBeNull();
    await bench.time.advance(10_000);
    expect(await bench.store.transcripts.load(callId)).toMatchObject({ lines: [{ text: OPENING }] });
  });

  it('can be read while the call lives, some seconds late', async () => {
    const bench = await createCallBench();
    const { session, callId } = await bench.talking();
    session.events.transcript({ role: 'agent', text: OPENING, final: true, itemId: 'greeting' });
    expect(await bench.store.transcripts.load(callId)).toBeNull();
    await bench.time.advance(11_000);
    expect(await bench.store.transcripts.load(callId)).toMatchObject({ lines: [{ text: OPENING }] });
  });

  it('is not kept of a call in which nothing was said', async () => {
    const bench = await createCallBench({ agent: createFakeAgent({ ready: false }) });
    const { socket, callId } = await bench.bridged();
    socket.hangUp();
    await bench.time.advance(50);
    expect(await bench.store.transcripts.load(callId)).toBeNull();
  });
});

describe('how long the callee waited', () => {
  it('stands on the record: until the first sound, and before each answer', async () => {
    const bench = await createCallBench();
    const { socket, callId } = await bench.bridged();
    const session = bench.agent.last();
    await bench.time.advance(350);
    session.speak(1_000, item(0));
    await bench.time.advance(2_000);
    for (const [n, latencyMs] of [
      [1, 700],
      [2, 450],
    ] as const) {
      session.events.calleeStartedSpeaking();
      session.events.calleeStoppedSpeaking();
      await bench.time.advance(latencyMs);
      session.speak(500, item(n));
      await bench.time.advance(1_000);
    }
    socket.hangUp();
    await bench.time.advance(50);
    expect((await bench.record(callId)).measured).toEqual({ answerToFirstAudioMs: 350, turnLatencyMs: [700, 450] });
  });
});

describe('a greeting that was prepared', () => {
  const greeting = Uint8Array.from({ length: 12_000 }, (_, i) => (i % 100) + 1);

  it('is played at once, before there is an agent, who is told what it has said and does not say it again', async () => {
    const agent = createFakeAgent({ ready: false });
    const bench = await createCallBench({ agent, greeting });
    const { socket, callId } = await bench.bridged();
    await bench.time.advance(800);
    expect(Buffer.from(socket.played()).equals(Buffer.from(greeting.subarray(0, 6_400)))).toBe(true);
    const session = agent.last();
    expect(session.request.resume).toEqual({ lines: [{ role: 'agent', text: OPENING }], respond: false });
    session.events.ready({ sessionId: 'late', expiresInMs: null });
    await bench.time.advance(1_000);
    expect(session.said).toEqual([]);
    expect(Buffer.from(socket.played()).equals(Buffer.from(greeting))).toBe(true);
    socket.hangUp();
    await bench.time.advance(50);
    expect((await bench.record(callId)).measured).toEqual({ answerToFirstAudioMs: 0, turnLatencyMs: [] });
    expect((await bench.store.transcripts.load(callId))!.lines).toEqual([
      { who: 'agent', text: OPENING, fromMs: 0, toMs: 1_500 },
    ]);
  });

  it('is protected like one that the agent says: the callee cannot speak into it, nor the agent end it', async () => {
    const bench = await createCallBench({ greeting });
    const { callId } = await bench.bridged();
    const session = bench.agent.last();
    session.endCall('t1');
    await bench.time.advance(500);
    expect(session.toolResults).toEqual([{ toolCallId: 'tool-1', respond: false }]);
    expect(session.heard.every((audio) => audio[0] === 0xff)).toBe(true);
    await bench.time.advance(700);
    expect(session.heard.at(-1)![0]).not.toBe(0xff);
    expect((await bench.record(callId)).state).toBe('bridged');
  });

  it('is broken off where it is not protected, without telling the agent of an item that it does not know', async () => {
    const bench = await createCallBench({ greeting, protectGreeting: false });
    const { socket, callId } = await bench.bridged();
    const session = bench.agent.last();
    await bench.time.advance(750);
    session.events.calleeStartedSpeaking();
    expect(socket.clears()).toBe(1);
    expect(session.interrupts).toEqual([]);
    socket.hangUp();
    await bench.time.advance(50);
    expect((await bench.store.transcripts.load(callId))!.lines).toEqual([
      { who: 'agent', text: 'Hello. I am an automated', cleared: 'AI assistant. Hello Ada.', fromMs: 0, toMs: 750 },
    ]);
  });
});
