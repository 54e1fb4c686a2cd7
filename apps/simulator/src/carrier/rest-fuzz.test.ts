import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBench, testAccount, type TestBench } from '../test-customer.js';

const calls = `/2010-04-01/Accounts/${testAccount.accountSid}/Calls`;
const recordings = `/2010-04-01/Accounts/${testAccount.accountSid}/Recordings`;
const notifications = `/2010-04-01/Accounts/${testAccount.accountSid}/Notifications`;
const authorization = `Basic ${Buffer.from(Object.values(testAccount).join(':')).toString('base64')}`;

const fields = `To From Url Method FallbackUrl FallbackMethod Twiml ApplicationSid StatusCallback StatusCallbackMethod
  StatusCallbackEvent Timeout TimeLimit SendDigits MachineDetection MachineDetectionTimeout AsyncAmd AsyncAmdStatusCallback
  Record RecordingChannels RecordingTrack Trim RecordingStatusCallback RecordingStatusCallbackEvent Status Track Name
  Parameter1.Name Parameter1.Value StartTime StartTime< EndTime> PageSize Page PageToken ParentCallSid DateCreated Log
  CallSid`.split(/\s+/);
const likely = fc.constantFrom(
  ...`+14155550102 +15005550006 911 <Response/> <Response><Say>x</Say> http://127.0.0.1:1/ wss://127.0.0.1:1/ true Enable
  completed canceled stopped -1 0 1 1e9 1000000 POST DELETE dual both 2026-11-20 9999-99-99 __proto__ http://a_b/
  CA00000000000000000000000000000000 javascript:alert(1)`.split(/\s+/),
  '',
  ' ',
);
const value = fc.oneof(
  { weight: 3, arbitrary: likely },
  fc.string({ unit: 'binary', maxLength: 60 }),
  // Eight of them still fit into the 16 KB that Node takes for the head of a request.
  fc.constant('9'.repeat(1_500)),
);
const form = fc.array(
  fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...fields) }, fc.string({ maxLength: 12 })), value),
  { maxLength: 8 },
);
const encode = (pairs: readonly (readonly [string, string])[]): string =>
  new URLSearchParams(pairs.map(([name, text]): [string, string] => [name, text])).toString();

describe('bad input to the REST API', () => {
  let bench: TestBench;
  let sids: string[] = [];
  /** A recording and a notification that there are. */
  let [recordingSid, notificationSid] = ['', ''];

  beforeAll(async () => {
    const scenarios = Array.from(
      { length: 9 },
      (_, i) => ({ to: `+${i + 1}*`, persona: 'silent', queuedMs: 3_600_000 }) as const,
    );
    bench = await openTestBench({
      scenarios: [...scenarios, { to: '+14155550199', persona: 'silent', queuedMs: 0, answerAfterMs: 0 }],
    });
    const made = await Promise.all(['+14155550102', '+14155550199'].map((to) => create(to)));
    sids = made.map((call) => call.sid);
    await bench.whenEntry('call-state', (entry) => entry['status'] === 'in-progress');
    const firstIn = async (path: string, list: string): Promise<string> => {
      const page = JSON.parse((await ask('GET', path)).text) as Record<string, { sid: string }[]>;
      return page[list]?.[0]?.sid ?? '';
    };
    recordingSid = await firstIn(`${recordings}.json`, 'recordings');
    notificationSid = await firstIn(`${notifications}.json`, 'notifications');
    expect([recordingSid.slice(0, 2), notificationSid.slice(0, 2)]).toEqual(['RE', 'NO']);
  });
  afterAll(() => bench.close());

  async function create(to: string): Promise<{ sid: string }> {
    const body = encode([
      ['To', to],
      ['From', '+15005550006'],
      ['Twiml', '<Response><Pause length="600"/></Response>'],
      ['Record', 'true'],
      // One value, accepted with a warning: there is a notification.
      ['StatusCallbackEvent', 'initiated ringing'],
    ]);
    const { text } = await ask('POST', `${calls}.json`, body);
    return JSON.parse(text) as { sid: string };
  }

  async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
    const response = await fetch(bench.url + path, {
      method,
      headers: { Authorization: authorization, 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      ...(body !== undefined && { body }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** An answer of Twilio's: what was asked for, or an error in its one shape; never a 5xx. */
  function expectTwilioShaped({ status, text }: { status: number; text: string }): void {
    expect(status).toBeLessThan(500);
    if (status < 400) return;
    const error = JSON.parse(text) as Record<string, unknown>;
    expect(error).toEqual({
      code: expect.any(Number),
      message: expect.stringMatching(/\S/),
      more_info: `https://www.twilio.com/docs/errors/${String(error['code'])}`,
      status,
    });
  }

  /** Nothing was lost or written twice, and every create that was accepted is a call. */
  function expectLedgerIntact(): void {
    const entries = bench.ledger.entries();
    expect(entries.every((entry, i) => entry.seq === i + 1 && typeof entry.kind === 'string')).toBe(true);
    for (const { outcome, callSid } of bench.ledger.entries({ kind: 'create-request' })) {
      if (outcome === 'accepted') expect(callSid).toMatch(/^CA[0-9a-f]{32}$/);
    }
  }

  const sid = (): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constantFrom(...sids, 'CA00000000000000000000000000000000', 'ear', '%2e%2e', '%ff', '__proto__', 'constructor'),
      fc.string({ maxLength: 40 }).map(encodeURIComponent),
    );

  it('of any form is answered with a call or with an error of Twilio’s shape: create', async () => {
    await fc.assert(
      fc.asyncProperty(form, async (pairs) => {
        expectTwilioShaped(await ask('POST', `${calls}.json`, encode(pairs)));
        const valid = [['To', '+14155550102'], ['From', '+15005550006'], ['Twiml', '<Response/>'], ...pairs] as [
          string,
          string,
        ][];
        expectTwilioShaped(await ask('POST', `${calls}.json`, encode(valid)));
      }),
      { numRuns: 100 },
    );
    expectLedgerIntact();
  });

  it('of any form is answered with a call or with an error of Twilio’s shape: update and streams', async () => {
    const path = fc.tuple(
      fc.constantFrom(...sids, 'CA00000000000000000000000000000000', 'x'),
      fc.constantFrom('', '/Streams', '/Streams/ear'),
    );
    // An end of the call would leave nothing to be updated.
    const harmless = form.map((pairs) => pairs.filter(([name]) => name !== 'Status' && name !== 'Twiml'));
    await fc.assert(
      fc.asyncProperty(path, harmless, async ([call, rest], pairs) => {
        expectTwilioShaped(await ask('POST', `${calls}/${call}${rest}.json`, encode(pairs)));
      }),
      { numRuns: 100 },
    );
    expectLedgerIntact();
  });

  it('of any query is answered with a page or with an error of Twilio’s shape', async () => {
    const path = fc.constantFrom(
      `${calls}.json`,
      `${recordings}.json`,
      `${notifications}.json`,
      ...['Events', 'Recordings', 'Notifications'].flatMap((name) => sids.map((call) => `${calls}/${call}/${name}.json`)),
    );
    await fc.assert(
      fc.asyncProperty(path, form, async (where, pairs) => {
        const answer = await ask('GET', `${where}?${encode(pairs)}`);
        expectTwilioShaped(answer);
        if (answer.status !== 200) return;
        expect(JSON.parse(answer.text)).toMatchObject({
          page: expect.any(Number),
          page_size: expect.any(Number),
          uri: expect.stringContaining('/2010-04-01/'),
        });
      }),
      { numRuns: 100 },
    );
    expectLedgerIntact();
  });

  it('of any path, method and body is answered in Twilio’s shape', async () => {
    const rest = fc.array(fc.oneof(sid(), fc.constantFrom('Calls', 'Recordings.json', 'Events.json', 'Streams', '.json')), {
      maxLength: 4,
    });
    const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS');
    const body = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constant('%'),
      fc.constant('a=%ff&='),
      fc.constant('x'.repeat(300_000)),
    );
    const type = fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/json',
      'text/plain',
      'multipart/form-data',
      'no type',
    );
    await fc.assert(
      fc.asyncProperty(rest, method, body, type, async (parts, verb, text, contentType) => {
        const path = `/2010-04-01/Accounts/${[testAccount.accountSid, ...parts].join('/')}`;
        const sent = verb === 'GET' ? undefined : text;
        const answer = await ask(verb, path, sent, { 'Content-Type': contentType });
        // Express answers OPTIONS of itself, with the methods of a path.
        if (verb !== 'OPTIONS') expectTwilioShaped(answer);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 120 },
    );
    expectLedgerIntact();
  });

  it('of any method and form at every path that there is, is answered in Twilio’s shape', async () => {
    const path = fc
      .tuple(sid(), sid())
      .chain(([call, thing]) =>
        fc.constantFrom(
          '.json',
          '/Calls.json',
          `/Calls/${call}.json`,
          ...['Events', 'Notifications', 'Recordings', 'Streams', 'Payments'].map((name) => `/Calls/${call}/${name}.json`),
          ...[thing, notificationSid].flatMap((one) => [
            `/Calls/${call}/Notifications/${one}.json`,
            `/Notifications/${one}.json`,
          ]),
          ...[thing, recordingSid].flatMap((one) =>
            ['', '.json', '.wav', '.mp3'].flatMap((end) => [
              `/Calls/${call}/Recordings/${one}${end}`,
              `/Recordings/${one}${end}`,
            ]),
          ),
          `/Calls/${call}/Streams/${thing}.json`,
          ...['IncomingPhoneNumbers', 'OutgoingCallerIds'].flatMap((name) => [`/${name}.json`, `/${name}/${thing}.json`]),
        ),
      );
    const harmless = form.map((pairs) => pairs.filter(([name]) => name !== 'Status' && name !== 'Twiml'));
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD'), harmless, async (where, method, pairs) => {
        const whole = `/2010-04-01/Accounts/${testAccount.accountSid}${where}`;
        const [query, body] = method === 'POST' ? ['', encode(pairs)] : [`?${encode(pairs)}`, undefined];
        const response = await fetch(bench.url + whole + query, {
          method,
          headers: { Authorization: authorization, 'Content-Type': 'application/x-www-form-urlencoded' },
          ...(body !== undefined && { body }),
        });
        const answer = { status: response.status, text: await response.text() };
        if (method === 'HEAD') expect(answer).toMatchObject({ text: '' });
        else expectTwilioShaped(answer);
      }),
      { numRuns: 200 },
    );
    expectLedgerIntact();
  });

  it('of any credentials is refused with 401, unless they are right', async () => {
    const header = fc.oneof(
      fc.string({ maxLength: 40 }).filter((text) => /^[\x20-\x7e]*$/.test(text)),
      fc
        .tuple(fc.string(), fc.string())
        .map(([user, password]) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`),
      fc.constantFrom('Basic', 'Basic ====', 'Bearer x', `Basic ${Buffer.from(testAccount.accountSid).toString('base64')}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async (given) => {
        const answer = await ask('GET', `${calls}.json`, undefined, { Authorization: given });
        expect(answer.status).toBe(401);
        expectTwilioShaped(answer);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves a REST API that works', async () => {
    const { sid: made } = await create('+14155550102');
    const answer = await ask('POST', `${calls}/${made}.json`, 'Status=canceled');
    expect([answer.status, (JSON.parse(answer.text) as { status: string }).status]).toEqual([200, 'canceled']);
    expectLedgerIntact();
  });
});
