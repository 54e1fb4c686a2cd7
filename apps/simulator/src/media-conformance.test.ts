import twilio from 'twilio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEntry } from './ledger.js';
import { agentLines, calleeLines } from './speech/index.js';
import { openTestBench, testAccount, type TestBench, type TestStream } from './test-customer.js';

/** All that the callee's side has sent so far. */
function received(stream: TestStream): Buffer {
  const media = stream.messages.filter((message) => message['event'] === 'media');
  return Buffer.concat(media.map((message) => Buffer.from((message['media'] as { payload: string }).payload, 'base64')));
}

const fast = { queuedMs: 0, postDialMs: 20, answerAfterMs: 20 };

describe('a media stream', () => {
  let bench: TestBench;
  let client: twilio.Twilio;

  beforeAll(async () => {
    bench = await openTestBench({
      scenarios: [
        { to: '+14155551*', ...fast, hello: null, replies: [] },
        { to: '+14155552000', ...fast, pauseMs: 300, replies: [calleeLines.thatIsMe] },
        { to: '+14155552001', ...fast, persona: 'hangs-up-on-agent', hangUp: { when: 'mid-agent-turn', turn: 1, ms: 500 } },
      ],
    });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
    for (const text of [agentLines.farewell, agentLines.misheard]) await bench.speech.line(text);
  });
  afterAll(() => bench.close());
  afterEach(() => {
    bench.customer.acceptsStreams = true;
  });

  const connect = (after = '<Hangup/>') =>
    `<Response><Connect><Stream url="${bench.customer.wsUrl}/media"><Parameter name="callId" value="call_1"/>` +
    `<Parameter name="attempt" value="1"/></Stream></Connect>${after}</Response>`;
  async function call(to: string, twiml = connect()) {
    const created = await client.calls.create({ to, from: '+15005550006', twiml });
    const stream = await bench.customer.nextStream();
    await stream.when(() => stream.words().includes('start'));
    return { sid: created.sid, stream };
  }
  const entries = (sid: string, kind: string) => bench.ledger.entries({ call: sid, kind });
  const ended = (sid: string): Promise<LedgerEntry> => bench.whenEntry('carrier-ended', (entry) => entry.callSid === sid);
  const entry = (sid: string, kind: string): Promise<LedgerEntry> => bench.whenEntry(kind, (one) => one.callSid === sid);

  it('opens with the headers of Twilio and a signature that the SDK accepts', async () => {
    const { sid, stream } = await call('+14155551000');
    const { headers } = stream.request;
    expect(headers).toMatchObject({ 'user-agent': 'Twilio.TmeWs/1.0', 'sec-websocket-version': '13' });
    for (const absent of ['origin', 'sec-websocket-protocol', 'sec-websocket-extensions'])
      expect(headers).not.toHaveProperty(absent);
    const signed = String(headers['x-twilio-signature']);
    expect(twilio.validateRequest(testAccount.authToken, signed, `${bench.customer.wsUrl}/media`, {})).toBe(true);
    expect(stream.words()).toEqual(['connected', 'start']);
    expect(stream.messages[1]).toMatchObject({ start: { callSid: sid, customParameters: { callId: 'call_1', attempt: '1' } } });
    stream.socket.close();
    expect(await ended(sid)).toMatchObject({ by: 'twiml-hangup', callId: 'call_1', attempt: '1' });
    expect(entries(sid, 'stream-closed')).toMatchObject([{ by: 'server', errorCode: 31921 }]);
    expect(entries(sid, 'create-request')).toMatchObject([{ outcome: 'accepted', callId: 'call_1', attempt: '1' }]);
  });

  it('sends a frame of 160 bytes every 20 ms, silence included, with running counters', async () => {
    const { sid, stream } = await call('+14155551001');
    const media = () =>
      stream.messages.filter((message) => message['event'] === 'media') as {
        sequenceNumber: string;
        media: Record<string, string>;
      }[];
    await stream.when(() => media().length >= 50);
    const first50 = media().slice(0, 50);
    expect(first50.map((frame) => frame.sequenceNumber)).toEqual(first50.map((_, i) => String(i + 2)));
    expect(first50.map((frame) => frame.media['chunk'])).toEqual(first50.map((_, i) => String(i + 1)));
    const timestamps = first50.map((frame) => Number(frame.media['timestamp']));
    expect(timestamps[0]).toBeGreaterThanOrEqual(100);
    expect(timestamps[0]).toBeLessThan(200);
    expect(timestamps.at(-1)! - timestamps[0]!).toBe(49 * 20);
    expect(Buffer.from(first50[0]!.media['payload']!, 'base64')).toEqual(Buffer.alloc(160, 0xff));
    await client.calls(sid).update({ status: 'completed' });
    await stream.when(() => stream.words().at(-1) === 'stop');
    expect(await stream.closed).toBe(1000);
    expect(await ended(sid)).toMatchObject({ by: 'rest' });
  });

  it('echoes a mark when the audio before it was heard, at once when there is none, and writes down what was heard', async () => {
    const farewell = await bench.speech.line('Goodbye, and have a lovely day.');
    const { sid, stream } = await call('+14155551002');
    stream.send({ event: 'mark', mark: { name: 'empty' } });
    await stream.when(() => stream.words().includes('mark empty'));
    stream.say(farewell.audio, 'farewell');
    await stream.when(() => stream.words().includes('mark farewell'));
    stream.socket.close();
    await ended(sid);
    const [heard] = entries(sid, 'line-heard');
    expect(heard).toMatchObject({ text: farewell.text, callId: 'call_1' });
    expect(Number(heard!['toMs']) - Number(heard!['fromMs'])).toBeGreaterThan(farewell.durationMs - 5);
    const [empty, echoed] = entries(sid, 'mark-echoed');
    expect([empty!['why'], echoed!['why']]).toEqual(['empty', 'played']);
    expect(echoed!.mono).toBeGreaterThanOrEqual(Number(heard!['lastPlayedMono']) - 1);
    expect(entries(sid, 'stream-closed')).toMatchObject([{ playedMs: farewell.durationMs, clearedMs: 0, unplayedMs: 0 }]);
    const spans = entries(sid, 'played');
    expect(Number(spans.at(-1)!['endMono']) - Number(spans[0]!['startMono'])).toBeGreaterThan(farewell.durationMs - 200);
  });

  it('clear drops the audio and echoes every pending mark', async () => {
    const farewell = await bench.speech.line(agentLines.farewell);
    const { sid, stream } = await call('+14155551003');
    stream.say(farewell.audio, 'one');
    stream.say(farewell.audio, 'two');
    await stream.when(() => stream.messages.length > 30);
    stream.send({ event: 'clear' });
    await stream.when(() => stream.words().includes('mark two'));
    expect(stream.words().slice(-2)).toEqual(['mark one', 'mark two']);
    stream.socket.close();
    await ended(sid);
    const { playedMs, clearedMs, unplayedMs, receivedMs } = entries(sid, 'stream-closed')[0] as unknown as Record<string, number>;
    expect(playedMs! + clearedMs! + unplayedMs!).toBe(receivedMs);
    expect(unplayedMs).toBeLessThanOrEqual(20);
    expect(clearedMs).toBeGreaterThan(farewell.durationMs);
    expect(entries(sid, 'mark-echoed').map((one) => one['why'])).toEqual(['cleared', 'cleared']);
  });

  it('warns once of bad messages (31951), ignores them, and goes on', async () => {
    const { sid, stream } = await call('+14155551004');
    stream.socket.send('nonsense');
    stream.send({ event: 'mark', streamSid: 'MZ00000000000000000000000000000000', mark: { name: 'wrong' } });
    stream.socket.send(JSON.stringify({ event: 'mark', stream_sid: stream.streamSid(), mark: { name: 'snake' } }));
    stream.send({ event: 'mark', mark: { name: 'right' } });
    await stream.when(() => stream.words().includes('mark right'));
    expect(stream.words()).toEqual(['connected', 'start', 'mark right']);
    expect(entries(sid, 'warning')).toMatchObject([{ code: 31951 }]);
    await client.calls(sid).update({ status: 'completed' });
  });

  it('cuts off what is still buffered when the call is ended by REST, to the millisecond', async () => {
    const farewell = await bench.speech.line(agentLines.farewell);
    const { sid, stream } = await call('+14155551005');
    stream.say(farewell.audio, 'never');
    await stream.when(() => stream.messages.length > 60);
    await client.calls(sid).update({ status: 'completed' });
    await stream.closed;
    const closed = await entry(sid, 'stream-closed');
    expect(Number(closed['playedMs']) + Number(closed['unplayedMs'])).toBe(farewell.durationMs);
    expect(Number(closed['unplayedMs'])).toBeGreaterThan(0);
    expect(stream.words().at(-1)).toBe('stop');
    expect(entries(sid, 'mark-dropped')).toMatchObject([{ name: 'never' }]);
    const [heard] = entries(sid, 'line-heard');
    expect(Math.abs(Number(heard!['toMs']) - Number(closed['playedMs']))).toBeLessThanOrEqual(4);
  });

  it('a verb after <Connect> keeps the line open when only the socket is closed', async () => {
    const { sid, stream } = await call('+14155551006', connect('<Pause length="600"/>'));
    stream.socket.close();
    await entry(sid, 'stream-closed');
    expect((await client.calls(sid).fetch()).status).toBe('in-progress');
    await client.calls(sid).update({ twiml: '<Response><Hangup/></Response>' });
    expect(await ended(sid)).toMatchObject({ by: 'twiml-hangup' });
  });

  it('is closed with stop when the call is given another document, whose words the callee hears', async () => {
    const { sid, stream } = await call('+14155551007');
    await client.calls(sid).update({ twiml: `<Response><Say>${agentLines.misheard}</Say></Response>` });
    await stream.closed;
    expect(stream.words().at(-1)).toBe('stop');
    expect(await ended(sid)).toMatchObject({ by: 'end-of-document' });
    expect(entries(sid, 'line-heard')).toMatchObject([{ text: agentLines.misheard }]);
  });

  it('that the server refuses is error 31920, and the document goes on', async () => {
    bench.customer.acceptsStreams = false;
    const { sid } = await client.calls.create({ to: '+14155551008', from: '+15005550006', twiml: connect() });
    expect(await ended(sid)).toMatchObject({ by: 'twiml-hangup' });
    expect(entries(sid, 'stream-refused')).toMatchObject([{ errorCode: 31920, why: 'HTTP 403' }]);
  });

  it('whose connection is lost is error 31903', async () => {
    const { sid, stream } = await call('+14155551009');
    stream.socket.terminate();
    await ended(sid);
    expect(entries(sid, 'stream-closed')).toMatchObject([{ by: 'server', errorCode: 31903 }]);
  });

  it('carries a conversation: the callee waits for the pause of what it heard, then its line arrives bit by bit', async () => {
    const [question, reply] = await Promise.all([
      bench.speech.line('Is that you?'),
      bench.speech.line(calleeLines.thatIsMe, 'rms'),
    ]);
    const { sid, stream } = await call('+14155552000');
    stream.say(question.audio);
    const spoke = await entry(sid, 'callee-spoke');
    expect(spoke).toMatchObject({ text: calleeLines.thatIsMe, isComplete: true });
    const [heard] = entries(sid, 'line-heard');
    expect(Number(spoke['startMono'])).toBeGreaterThan(Number(heard!['lastPlayedMono']) + 300);
    await stream.when(() => received(stream).includes(Buffer.from(reply.audio)));
    await client.calls(sid).update({ status: 'completed' });
  });

  it('ends with stop when the callee hangs up in the middle of what it hears', async () => {
    const farewell = await bench.speech.line(agentLines.farewell);
    const { sid, stream } = await call('+14155552001');
    stream.say(farewell.audio);
    expect(await ended(sid)).toMatchObject({ by: 'callee' });
    await stream.closed;
    expect(stream.words().at(-1)).toBe('stop');
    expect(Number((await entry(sid, 'stream-closed'))['unplayedMs'])).toBeGreaterThan(0);
  });
});
