import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallHabits } from './carrier/account.js';
import type { DocumentHost } from './carrier/document.js';
import { checkNumbers } from './carrier/number-policy.js';
import { silentFrame } from './carrier/telephone-audio.js';
import type { LineSource } from './carrier/telephone-line.js';
import { runPrompt } from './carrier/verbs/prompts.js';
import { openTestBench, testAccount, type TestBench } from './test-customer.js';
import { fast } from './test-documents.js';

const otherwise = {
  connectActionParameters: 'stream',
  refusedStream: 'ends-call',
  sayLoopZero: 'once',
  detectionTakesTrack: true,
  sendsErrorCodes: true,
  maxCallSec: 2,
  trialMessage: 'Trial.',
} satisfies CallHabits;

describe.each([
  ['as they are', {}],
  ['otherwise', otherwise],
] as const)('what is not known of the real carrier’s calls, with the switches %s:', (_, habits: CallHabits) => {
  const isOtherwise = habits.sayLoopZero !== undefined;
  let bench: TestBench;
  let client: twilio.Twilio;
  beforeAll(async () => {
    const amd = { answeredBy: 'human', amdDelayMs: 60_000 } as const;
    bench = await openTestBench({
      scenarios: [
        { to: '+14155550001', ...fast, ...amd },
        { to: '+14155550002', persona: 'fails', queuedMs: 0, postDialMs: 0 },
        { to: '+1415555*', ...fast },
      ],
      ...habits,
    });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
  });
  afterAll(() => bench.close());

  const call = async (inside: string, to = '+14155550000', more: { machineDetection?: string; asyncAmd?: string } = {}) =>
    (await client.calls.create({ to, from: '+15005550006', twiml: `<Response>${inside}</Response>`, ...more })).sid;
  const ended = (sid: string) => bench.whenEntry('carrier-ended', ({ callSid }) => callSid === sid);

  it('the action of <Connect> is told of its stream, or not', async () => {
    const { url, wsUrl } = bench.customer;
    const sid = await call(`<Connect action="${url}/action"><Stream name="talk" url="${wsUrl}/media"/></Connect>`);
    const stream = await bench.customer.nextStream();
    await stream.when(() => stream.words().includes('start'));
    stream.socket.close();
    const { params } = await bench.customer.whenRequest(({ url: asked }) => asked === '/action');
    expect(params['CallSid']).toBe(sid);
    const told = { StreamSid: stream.streamSid(), StreamName: 'talk' };
    expect({ StreamSid: params['StreamSid'], StreamName: params['StreamName'] }).toEqual(isOtherwise ? told : {});
    await ended(sid);
  });

  it('a <Connect> whose stream cannot be opened goes on, or ends the call', async () => {
    const sid = await call('<Connect><Stream url="ws://127.0.0.1:1/"/></Connect><Hangup/>');
    expect(await ended(sid)).toMatchObject({ by: isOtherwise ? 'application-error' : 'twiml-hangup' });
  });

  it('<Start> may have four tracks while machine detection listens, or three', async () => {
    const start = `<Start><Stream url="${bench.customer.wsUrl}/tap" track="both_tracks"/></Start>`;
    const sid = await call(`${start}${start}<Pause length="1"/>`, '+14155550001', {
      machineDetection: 'Enable',
      asyncAmd: 'true',
    });
    await ended(sid);
    const refused = bench.ledger.entries({ call: sid, kind: 'warning' }).map(({ code }) => code);
    expect(refused).toEqual(isOtherwise ? [31941] : []);
  });

  it('a failed call’s callback says why, or not', async () => {
    const statusCallback = `${bench.customer.url}/failed`;
    const to = '+14155550002';
    await client.calls.create({ to, from: '+15005550006', twiml: '<Response/>', statusCallback });
    const { params } = await bench.customer.whenRequest(({ url }) => url === '/failed');
    expect(params).toMatchObject({ CallStatus: 'failed', SipResponseCode: '404' });
    const names = ['ErrorCode', 'ErrorMessage', 'StirStatus'].filter((name) => name in params);
    expect(names).toHaveLength(isOtherwise ? 3 : 0);
  });

  it('the callee hears that this is a trial before the document begins, or does not', async () => {
    const sid = await call('<Hangup/>');
    expect(await ended(sid)).toMatchObject({ by: 'twiml-hangup' });
    const played = bench.ledger.entries({ call: sid, kind: 'played' });
    expect(played.length > 0).toBe(isOtherwise);
  });

  it('a call may last as long as its TimeLimit, or no longer than any call', async () => {
    const sid = await call('<Pause length="3"/><Hangup/>');
    expect(await ended(sid)).toMatchObject({ by: isOtherwise ? 'time-limit' : 'twiml-hangup' });
  });

  it('<Say loop="0"> is said for ever, or once', async () => {
    const interrupt = new AbortController();
    let said = 0;
    const connect = (prompt: LineSource): void => {
      if (++said === 3) interrupt.abort();
      for (let i = 0; i < 3; i++) prompt.pass(silentFrame);
    };
    const line = { connect, disconnect: () => undefined };
    const host = { habits, line, speak: () => Promise.resolve(new Uint8Array(160)) } as unknown as DocumentHost;
    const run = { host, signal: interrupt.signal, place: undefined, runDocument: () => Promise.reject(new Error('none')) };
    await runPrompt(run, { verb: 'Say', text: 'a', loop: 0 });
    expect(said).toBe(isOtherwise ? 1 : 3);
  });
});

describe('the magic numbers of test credentials', () => {
  it.each(['+15005550001', '+15005550002', '+15005550003', '+15005550004'])('%s is refused, or a number like others', (to) => {
    expect(checkNumbers(to, '+15005550006', {})).toMatchObject({ status: 400 });
    expect(checkNumbers(to, '+15005550006', { refusesMagicNumbers: false })).toBeUndefined();
  });

  it('+15005550001 may not call either way: as an invalid number, or as one that is not owned', () => {
    expect(checkNumbers('+14155550000', '+15005550001', {})).toMatchObject({ code: 21212 });
    expect(checkNumbers('+14155550000', '+15005550001', { refusesMagicNumbers: false })).toMatchObject({ code: 21210 });
  });
});
