import { describe, expect, it } from 'vitest';
import { createCallBench, type CallBench } from './testing/call-bench.js';
import type { FakeSession } from './testing/fake-agent.js';

/*
 * What broke in other voice agents on media streams, each by its name and where it was reported. Here against a whole session with
 * its machines; the machines themselves are tested beside their files.
 */

const item = (n: number) => ({ turnId: `t${n}`, itemId: `i${n}` });

function says(session: FakeSession, n: number, text: string, ms: number, { done = true } = {}): Uint8Array {
  session.events.transcript({ role: 'agent', text, final: true, itemId: `i${n}` });
  return session.speak(ms, item(n), { done });
}

/** A farewell in one response with the tool call. */
function saysGoodbye(session: FakeSession, ms: number, text = 'Thank you. Goodbye.'): Uint8Array {
  const audio = says(session, 9, text, ms, { done: false });
  session.events.audioDone(item(9));
  session.endCall('t9');
  session.events.turnDone({ turnId: 't9', status: 'completed' });
  return audio;
}

async function stateOf(bench: CallBench, call: { callId: Parameters<CallBench['record']>[0] }): Promise<string> {
  return (await bench.record(call.callId)).state;
}

describe('barge-in', () => {
  it('is ignored once all audio was flushed to the carrier and the response is done (openai-agents-js #1173)', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    session.speak(4_000, item(1));
    await bench.time.advance(1_500);
    session.events.calleeStartedSpeaking();
    expect(socket.clears()).toBe(1);
    expect(session.interrupts).toHaveLength(1);
    expect(session.interrupts[0]).toMatchObject({ itemId: 'i1' });
    expect(Math.abs(session.interrupts[0]!.heardMs - 1_500)).toBeLessThanOrEqual(20);
  });

  it('truncates although nothing is playing, and the model says it all again (openai-agents-js #523, -python #2370)', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    session.speak(1_000, item(1));
    await bench.time.advance(1_200);
    session.events.calleeStartedSpeaking();
    expect(session.interrupts).toEqual([]);
    expect(socket.clears()).toBe(0);
  });

  it('truncates beyond real audio, is refused, and all of it stays (openclaw #138592, pipecat #931, #2106, twilio-samples #45)', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    // Half a second, a pause of four in mid-item, and a little more: the wall clock says 4.7 s, the audio 0.8 s.
    session.speak(500, item(1), { done: false });
    await bench.time.advance(4_500);
    session.speak(300, item(1), { done: false });
    await bench.time.advance(200);
    session.events.calleeStartedSpeaking();
    expect(session.interrupts).toHaveLength(1);
    expect(session.interrupts[0]!.heardMs).toBeLessThanOrEqual(700);
    expect(session.interrupts[0]!.heardMs).toBeGreaterThanOrEqual(660);
  });

  it('counts what was sent as heard: unheard words stay in the memory of the model (twilio-agent-connect-python #118)', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    session.speak(20_000, item(1));
    await bench.time.advance(700);
    session.events.calleeStartedSpeaking();
    expect(session.interrupts[0]!.heardMs).toBeLessThanOrEqual(700);
  });

  it('goes on counting from the item before (twilio-samples-python #45)', async () => {
    const bench = await createCallBench();
    const { session } = await bench.talking();
    session.speak(2_000, item(1));
    session.speak(3_000, item(2));
    await bench.time.advance(2_500);
    session.events.calleeStartedSpeaking();
    expect(session.interrupts).toHaveLength(1);
    expect(session.interrupts[0]!.itemId).toBe('i2');
    expect(Math.abs(session.interrupts[0]!.heardMs - 500)).toBeLessThanOrEqual(20);
  });

  it('wipes out the greeting if it comes before there is any audio (vellum #37061)', async () => {
    const bench = await createCallBench({ protectGreeting: false });
    const { socket } = await bench.bridged();
    const session = bench.agent.last();
    session.events.calleeStartedSpeaking();
    session.events.calleeStoppedSpeaking();
    const greeting = session.speak(1_000, item(1));
    await bench.time.advance(1_500);
    expect(socket.clears()).toBe(0);
    expect(Buffer.from(socket.played()).equals(Buffer.from(greeting))).toBe(true);
  });

  it('sends no clear, and the old words go on for seconds (cloudflare/agents #2261, aws nova-twilio #2)', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    const before = socket.played().length;
    session.speak(3_000, item(1), { done: false });
    await bench.time.advance(800);
    session.events.calleeStartedSpeaking();
    session.speak(2_000, item(1));
    await bench.time.advance(5_000);
    expect(socket.played().length - before).toBeLessThanOrEqual(800 * 8);
  });

  it('lets a response go on of which all so far was heard: its next words come into the speech of the callee', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    session.speak(500, item(1), { done: false });
    await bench.time.advance(1_000);
    const before = socket.played().length;
    session.events.calleeStartedSpeaking();
    expect(session.interrupts).toEqual([{ itemId: 'i1', heardMs: 500 }]);
    session.speak(2_000, item(1));
    session.speak(300, item(2));
    await bench.time.advance(3_000);
    expect(socket.played().length - before).toBe(300 * 8);
  });

  it('takes an echo that clear released for proof of playback', async () => {
    const bench = await createCallBench();
    const { session, socket, callId } = await bench.talking();
    says(session, 1, 'One two three four five six seven eight nine ten.', 5_000);
    await bench.time.advance(1_000);
    session.events.calleeStartedSpeaking();
    session.events.calleeStoppedSpeaking();
    await bench.time.advance(4_000);
    socket.hangUp();
    await bench.time.advance(10);
    const { lines } = (await bench.store.transcripts.load(callId))!;
    expect(lines.at(-1)).toMatchObject({ text: 'One two', cleared: 'three four five six seven eight nine ten.' });
  });

  it('stutters at the start of a word when pieces are small (openai-agents-python #1906, #1926, #2033)', async () => {
    const bench = await createCallBench();
    const { session, socket } = await bench.talking();
    const before = socket.sent.length;
    const jitter = [0, 35, 40, 60, 95, 100, 120];
    for (const [n, at] of jitter.entries()) {
      bench.time.after(at, () => session.events.audio(new Uint8Array(160).fill(n), item(1)));
    }
    await bench.time.advance(39);
    expect(socket.sent).toHaveLength(before);
    await bench.time.advance(200);
    const pieces = socket.sent.slice(before).filter(({ event }) => event === 'media');
    const first = (pieces[0] as { media: { payload: string } }).media.payload;
    expect(Buffer.from(first, 'base64')).toHaveLength(480);
  });
});

describe('the end of a call', () => {
  it('takes "generated" for "heard" and cuts seven seconds of goodbye (agent-call #9)', async () => {
    const bench = await createCallBench();
    const { session, socket, ...call } = await bench.talking();
    const goodbye = saysGoodbye(session, 7_000);
    await bench.time.advance(6_990);
    expect(await stateOf(bench, call)).toBe('bridged');
    await bench.time.advance(20);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
    expect(Buffer.from(socket.played()).subarray(-goodbye.length).equals(Buffer.from(goodbye))).toBe(true);
  });

  it('waits for a mark that does not stand behind all audio, and lets later output through (openclaw #137895)', async () => {
    const bench = await createCallBench();
    const { session, socket, ...call } = await bench.talking();
    saysGoodbye(session, 2_000);
    const sent = socket.sent.length;
    expect(socket.sent.at(-1)!['event']).toBe('mark');
    session.speak(1_000, item(10));
    expect(socket.sent.slice(sent).filter(({ event }) => event === 'media')).toEqual([]);
    await bench.time.advance(2_010);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
  });

  it('starts its timeout before the mark is sent (openclaw #137895)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking({ echoes: false });
    // Three seconds of generation, at the pace of speech, after the tool call: the slack counts from the last mark.
    session.endCall('t1');
    for (let second = 0; second < 3; second++) {
      session.speak(1_000, item(1), { done: false });
      await bench.time.advance(1_000);
    }
    session.events.turnDone({ turnId: 't1', status: 'completed' });
    await bench.time.advance(1_900);
    expect(await stateOf(bench, call)).toBe('bridged');
    await bench.time.advance(1_200);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'timeout' });
  });

  it('is not cancelled by a callee who goes on talking (openclaw #137895, #132367, vellum #38339)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    saysGoodbye(session, 2_000);
    await bench.time.advance(500);
    session.events.calleeStartedSpeaking();
    await bench.time.advance(4_000);
    expect(await stateOf(bench, call)).toBe('bridged');
    expect(session.toolResults).toEqual([{ toolCallId: 'tool-1', respond: false }]);
  });

  it('believes the echo of a mark that was never sent (vellum #38321)', async () => {
    const bench = await createCallBench();
    const { session, socket, streamSid, ...call } = await bench.talking();
    saysGoodbye(session, 3_000);
    for (const name of ['', 'end', 's:g0:m999', `${streamSid.slice(2, 10)}:g0:m999`]) {
      socket.say({ event: 'mark', streamSid, mark: { name } });
    }
    await bench.time.advance(2_900);
    expect(await stateOf(bench, call)).toBe('bridged');
  });

  it('is put off for ever by a callee who keeps speaking (vellum #38327)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    for (let n = 0; n < 3; n++) {
      const turn = { turnId: `bye${n}`, itemId: `bye${n}` };
      session.speak(1_000, turn, { done: false });
      session.endCall(turn.turnId, `tool-${n}`);
      session.events.turnDone({ turnId: turn.turnId, status: 'completed' });
      await bench.time.advance(300);
      session.events.calleeStartedSpeaking();
      session.events.calleeStoppedSpeaking();
    }
    await bench.time.advance(1_000);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
  });

  it('is blocked for ever when the goodbye does not drain (pipecat #4647, vellum #38339)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking({ echoes: false });
    session.endCall('t1');
    // An agent that never stops talking, to a carrier that never echoes.
    const endless = bench.time.every(500, () => session.events.audio(new Uint8Array(4_000), item(1)));
    await bench.time.advance(30_000 + 2_000 + 2_500);
    endless.cancel();
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'timeout' });
  });

  it('is forced by a clock although the farewell is still coming (twilio-realtime-agents)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    session.endCall('t1');
    // Longer than the quiet window in all, never as long without news.
    for (let second = 0; second < 10; second++) {
      session.speak(1_000, item(1), { done: false });
      await bench.time.advance(1_000);
      expect(await stateOf(bench, call)).toBe('bridged');
    }
    session.events.turnDone({ turnId: 't1', status: 'completed' });
    await bench.time.advance(50);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
  });

  it('never comes when the model says goodbye and does not call the tool (gptme-contrib #899)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    says(session, 1, 'It was nice talking to you. Goodbye!', 2_000);
    await bench.time.advance(2_000 + 5_500);
    expect(await stateOf(bench, call)).toBe('bridged');
    await bench.time.advance(1_000);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', cause: 'agent-ended-call', goodbye: 'played' });
  });

  it('comes in one response with "let me think": the agent is told to wait, once (agent-call #9)', async () => {
    const bench = await createCallBench();
    const { session, ...call } = await bench.talking();
    saysGoodbye(session, 1_000, 'Sure, let me think of one.');
    await bench.time.advance(5_000);
    expect(await stateOf(bench, call)).toBe('bridged');
    expect(session.toolResults).toEqual([{ toolCallId: 'tool-1', respond: false }]);
    says(session, 2, 'Is there anything else?', 800, { done: false });
    session.endCall('t2', 'tool-2');
    session.events.turnDone({ turnId: 't2', status: 'completed' });
    await bench.time.advance(850);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
  });

  it('hangs on the acknowledgement of the first mark, which some carriers lose (bolna #736)', async () => {
    const bench = await createCallBench();
    const { session, socket, ...call } = await bench.talking();
    socket.losesNextEcho();
    const goodbye = saysGoodbye(session, 2_000);
    await bench.time.advance(2_010);
    expect(await bench.record(call.callId)).toMatchObject({ state: 'ending', goodbye: 'played' });
    expect(Buffer.from(socket.played()).subarray(-goodbye.length).equals(Buffer.from(goodbye))).toBe(true);
  });

  it('is only the end of a socket, and the telephone call goes on (gptme-contrib #899)', async () => {
    const bench = await createCallBench();
    const { session, socket, ...call } = await bench.talking();
    saysGoodbye(session, 1_000);
    await bench.time.advance(1_010);
    // The carrier is asked first, by a worker of its own; the socket is still open when that is decided.
    expect(bench.wakes).toContainEqual({ type: 'wake-hangup', callId: call.callId });
    expect(socket.isClosed()).toBe(false);
    await bench.time.advance(3_010);
    expect(socket.isClosed()).toBe(true);
  });
});
