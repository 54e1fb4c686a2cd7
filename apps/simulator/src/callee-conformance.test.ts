import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behaviourSchema } from './behaviour.js';
import { personas, type Scenario } from './scenarios.js';
import { openTestBench, testAccount, type TestBench, type TestStream } from './test-customer.js';

/** Calls over the real wire, with callees that do what their scenario says, step by step. */
const quick = { queuedMs: 0, postDialMs: 10, answerAfterMs: 20, hello: null, replies: [] } satisfies Partial<Scenario>;

const scenarios: Scenario[] = [
  {
    ...quick,
    to: '+14155556001',
    steps: [{ say: 'Leave a message.' }, { beep: { ms: 200 } }, { listen: { until: 'quiet', ms: 600 } }, { hangUp: true }],
  },
  {
    ...quick,
    to: '+14155556002',
    replies: ['Front desk.'],
    steps: [
      {
        menu: { say: 'Press one.', timeoutMs: 3_000, choices: { '1': [{ say: 'Connecting.' }, { talk: true }] } },
      },
      { hangUp: true },
    ],
  },
  { ...quick, to: '+14155556003', steps: [{ listen: 'turn-over' }, { press: '4w2#' }] },
  { ...quick, to: '+14155556004', steps: [{ listen: { until: 'speech', ms: 300 } }, { say: 'Stop that.' }] },
  { ...quick, to: '+14155556005', steps: [{ say: 'I was about to say something long.', cutAfterMs: 500 }, { hangUp: true }] },
  {
    ...quick,
    to: '+14155556006',
    steps: [
      { say: 'Say your name.' },
      { listen: { until: 'heard', line: 'my name is' } },
      { say: 'Thank you.' },
      { hangUp: true },
    ],
  },
];

describe('a callee with steps', () => {
  let bench: TestBench;
  let client: twilio.Twilio;

  beforeAll(async () => {
    bench = await openTestBench({ scenarios });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
  });
  afterAll(() => bench.close());

  async function callTo(to: string, more: object = {}): Promise<{ sid: string; stream: TestStream }> {
    const twiml = `<Response><Connect><Stream url="${bench.customer.wsUrl}/${to.slice(1)}"/></Connect></Response>`;
    const { sid } = await client.calls.create({ to, from: '+15005550006', twiml, ...more });
    const stream = await bench.customer.nextStream();
    await stream.when(() => stream.words().includes('start'));
    return { sid, stream };
  }
  const of = (sid: string, kind: string) => bench.ledger.entries({ call: sid, kind });
  const whenOf = (sid: string, kind: string, fits: (entry: Record<string, unknown>) => boolean = () => true) =>
    bench.whenEntry(kind, (entry) => entry.callSid === sid && fits(entry));

  it('is a voicemail: greeting, beep, a tape until it is quiet, and then it hangs up', async () => {
    const { sid, stream } = await callTo('+14155556001');
    const beep = await whenOf(sid, 'callee-spoke', (entry) => entry['voice'] === 'tone');
    expect(beep).toMatchObject({ spokenMs: 200 });
    stream.say((await bench.speech.line('Please call back tomorrow.')).audio);
    expect(await whenOf(sid, 'carrier-ended')).toMatchObject({ status: 'completed', by: 'callee' });
    expect(of(sid, 'callee-spoke').map((entry) => entry['text'])).toEqual(['Leave a message.', '(a tone of 1000 Hz for 200 ms)']);
    expect(of(sid, 'line-heard').map((entry) => entry['text'])).toEqual(['Please call back tomorrow.']);
  });

  it('is an IVR that hears keys as tones, and then a person', async () => {
    const twiml = `<Response><Pause length="1"/><Play digits="1"/><Connect><Stream url="${bench.customer.wsUrl}/ivr"/></Connect></Response>`;
    const { sid } = await client.calls.create({ to: '+14155556002', from: '+15005550006', twiml });
    const stream = await bench.customer.nextStream();
    expect(await whenOf(sid, 'key-heard')).toMatchObject({ key: '1' });
    await whenOf(sid, 'callee-spoke', (entry) => entry['text'] === 'Connecting.');
    await stream.when(() => stream.words().includes('start'));
    stream.say((await bench.speech.line('Is this the front desk?')).audio);
    await whenOf(sid, 'callee-spoke', (entry) => entry['text'] === 'Front desk.');
  });

  it('presses keys after the turn of the agent, which arrive as dtmf messages', async () => {
    const { stream } = await callTo('+14155556003');
    stream.say((await bench.speech.line('Enter your code.')).audio);
    const digits = (): unknown[] =>
      stream.messages.filter(({ event }) => event === 'dtmf').map(({ dtmf }) => (dtmf as { digit: string }).digit);
    await stream.when(() => digits().length === 3);
    expect(digits()).toEqual(['4', '2', '#']);
  });

  it('barges into a turn, and hangs up in the middle of a sentence of its own', async () => {
    const [barging, leaving] = [await callTo('+14155556004'), await callTo('+14155556005')];
    const long = await bench.speech.line('This is a rather long sentence that nobody wants to hear to its end today.');
    barging.stream.say(long.audio, 'end');
    await whenOf(barging.sid, 'callee-spoke');
    expect(barging.stream.words()).not.toContain('mark end');
    const [spoke] = [await whenOf(leaving.sid, 'callee-spoke')];
    expect(spoke).toMatchObject({ isComplete: false });
    expect(Number(spoke['spokenMs'])).toBeLessThan(700);
    expect(await whenOf(leaving.sid, 'carrier-ended')).toMatchObject({ by: 'callee' });
  });

  it('screens: goes on when it has heard what it asked for', async () => {
    const { sid, stream } = await callTo('+14155556006');
    await whenOf(sid, 'callee-spoke');
    stream.say((await bench.speech.line('Good morning to you.')).audio);
    await whenOf(sid, 'line-heard');
    expect(of(sid, 'callee-spoke')).toHaveLength(1);
    stream.say((await bench.speech.line('My name is Ann.')).audio);
    expect(await whenOf(sid, 'carrier-ended')).toMatchObject({ by: 'callee' });
    expect(of(sid, 'callee-spoke').map((entry) => entry['text'])).toEqual(['Say your name.', 'Thank you.']);
  });

  it('presses keys by hand at the control API', async () => {
    const { sid, stream } = await callTo('+14155556006');
    const press = (digits: string) =>
      fetch(`${bench.url}/simulator/calls/${sid}/press`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ digits }),
      });
    expect((await press('12')).status).toBe(204);
    expect((await press('x')).status).toBe(400);
    await stream.when(() => stream.words().filter((word) => word === 'dtmf').length === 2);
    await client.calls(sid).update({ status: 'completed' });
    expect((await press('1')).status).toBe(409);
  });
});

it('every persona is a complete behaviour', () => {
  for (const behaviour of Object.values(personas)) expect(behaviourSchema.parse(behaviour)).toEqual(behaviour);
});
