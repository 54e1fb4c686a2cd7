import twilio from 'twilio';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@onhook/service';
import { openTestBench, testAccount, type TestBench } from './test-customer.js';

const events = ['initiated', 'ringing', 'answered', 'completed'];
const fast = { queuedMs: 0, postDialMs: 20, answerAfterMs: 40, hello: null, replies: [] };

describe('the official SDK against the REST API', () => {
  let bench: TestBench;
  let client: twilio.Twilio;

  beforeAll(async () => {
    bench = await openTestBench({
      scenarios: [
        { to: '+14155551*', ...fast },
        { to: '+14155552000', ...fast, queuedMs: 60_000 },
        { to: '+14155552001', ...fast, outcome: 'rings' },
        { to: '+14155552002', ...fast, outcome: 'busy' },
        { to: '+14155552003', ...fast, lateHangup: '20404' },
        { to: '+14155552004', ...fast, lateHangup: '200' },
        { to: '+14155552005', ...fast, outcome: 'fails' },
        { to: '+14155552006', ...fast, outcome: 'declines' },
      ],
    });
    client = twilio(testAccount.accountSid, testAccount.authToken);
    client.api.baseUrl = bench.url;
  });
  afterAll(() => bench.close());
  afterEach(() => {
    bench.customer.answer = undefined;
  });

  const from = '+15005550006';
  const twiml = '<Response><Pause length="600"/></Response>';
  const create = (to: string, more: object = {}) =>
    client.calls.create({
      to,
      from,
      twiml,
      statusCallback: `${bench.customer.url}/cb?to=${to.slice(1)}`,
      statusCallbackEvent: events,
      ...more,
    });
  const stateIs = (sid: string, status: string) =>
    bench.whenEntry('call-state', (entry) => entry.callSid === sid && entry['status'] === status);
  const callbacksOf = (sid: string) => bench.customer.requests.filter((request) => request.params['CallSid'] === sid);

  it('creates a call whose answer is nearly all null, fetches it, and ends it', async () => {
    const call = await create('+14155551000');
    expect(call).toMatchObject({
      status: 'queued',
      direction: 'outbound-api',
      startTime: null,
      endTime: null,
      duration: null,
      toFormatted: '(415) 555-1000',
    });
    expect(call.sid).toMatch(/^CA[0-9a-f]{32}$/);
    expect(Object.keys(call.subresourceUris)).toHaveLength(9);
    await stateIs(call.sid, 'in-progress');
    const fetched = await client.calls(call.sid).fetch();
    expect(fetched.status).toBe('in-progress');
    expect(fetched.startTime).toBeInstanceOf(Date);
    expect((await client.calls(call.sid).update({ status: 'canceled' })).status).toBe('in-progress');
    const ended = await client.calls(call.sid).update({ status: 'completed' });
    expect(ended).toMatchObject({ status: 'completed', duration: expect.stringMatching(/^\d+$/) });
    expect(bench.ledger.entries({ call: call.sid, kind: 'carrier-ended' })).toMatchObject([{ by: 'rest', status: 'completed' }]);
    await expect(client.calls(call.sid).update({ status: 'completed' })).rejects.toMatchObject({
      status: 400,
      code: 21220,
      message: 'Call is not in-progress. Cannot redirect.',
    });
  });

  it('sends signed callbacks with all parameters, which the SDK validates', async () => {
    const call = await create('+14155551001', { timeLimit: 1 });
    const last = await bench.customer.whenRequest(
      (request) => request.params['CallSid'] === call.sid && request.params['CallStatus'] === 'completed',
    );
    const all = callbacksOf(call.sid);
    expect(all.map((request) => `${request.params['SequenceNumber']} ${request.params['CallStatus']}`).sort()).toEqual([
      '0 initiated',
      '1 ringing',
      '2 in-progress',
      '3 completed',
    ]);
    for (const { url, headers, params } of all) {
      const signature = String(headers['x-twilio-signature']);
      expect(twilio.validateRequest(testAccount.authToken, signature, bench.customer.url + url, params)).toBe(true);
      expect(
        twilio.validateRequest(testAccount.authToken, signature, bench.customer.url + url, { ...params, CallStatus: 'busy' }),
      ).toBe(false);
      expect(headers).toMatchObject({
        'user-agent': 'TwilioProxy/1.1',
        'i-twilio-idempotency-token': expect.stringMatching(/\S/),
      });
    }
    expect(last.params).toMatchObject({
      AccountSid: testAccount.accountSid,
      From: from,
      To: '+14155551001',
      Called: '+14155551001',
      ToCity: '',
      ApiVersion: '2010-04-01',
      Direction: 'outbound-api',
      CallbackSource: 'call-progress-events',
      CallDuration: expect.stringMatching(/^[12]$/),
      Duration: '1',
      SipResponseCode: '200',
    });
    expect(last.params['Timestamp']).toMatch(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/);
    expect(bench.ledger.entries({ call: call.sid, kind: 'carrier-ended' })).toMatchObject([
      { by: 'time-limit', billedSeconds: expect.any(Number) },
    ]);
  });

  it('cancels a queued call without any callback, and a ringing one with', async () => {
    const queued = await create('+14155552000');
    expect((await client.calls(queued.sid).update({ status: 'canceled' })).status).toBe('canceled');
    const ringing = await create('+14155552001');
    await stateIs(ringing.sid, 'ringing');
    await expect(client.calls(ringing.sid).update({ twiml: '<Response><Hangup/></Response>' })).rejects.toMatchObject({
      code: 21220,
    });
    expect((await client.calls(ringing.sid).update({ status: 'completed' })).status).toBe('canceled');
    await bench.customer.whenRequest(
      (request) => request.params['CallSid'] === ringing.sid && request.params['CallStatus'] === 'canceled',
    );
    expect(callbacksOf(queued.sid)).toEqual([]);
  });

  it.each([
    ['+14155552002', 'busy', '2', '486'],
    ['+14155552005', 'failed', '1', '404'],
    ['+14155552006', 'no-answer', '2', '603'],
  ])('reports %s as %s', async (to, status, sequenceNumber, sipCode) => {
    const call = await create(to);
    const { params } = await bench.customer.whenRequest(
      (request) => request.params['CallSid'] === call.sid && request.params['CallStatus'] === status,
    );
    expect(params).toMatchObject({ SequenceNumber: sequenceNumber, SipResponseCode: sipCode, CallDuration: '0', Duration: '0' });
    expect(await client.calls(call.sid).fetch()).toMatchObject({ status, duration: '0' });
  });

  it('gives a call that nobody answers up after its ring timeout', async () => {
    const call = await create('+14155552001', { timeout: 1 });
    const ended = await bench.whenEntry('carrier-ended', (entry) => entry.callSid === call.sid);
    expect(ended).toMatchObject({ status: 'no-answer', by: 'ring-timeout', sipCode: 487, billedSeconds: 0 });
  });

  it.each([
    ['+14155552003', 20404],
    ['+14155552004', 'completed'],
  ])('answers a late hangup of %s with %s', async (to, outcome) => {
    const call = await create(to, { twiml: '<Response><Hangup/></Response>' });
    await stateIs(call.sid, 'completed');
    const late = await client
      .calls(call.sid)
      .update({ status: 'completed' })
      .then(
        (updated) => updated.status,
        (error: { code: number }) => error.code,
      );
    expect(late).toBe(outcome);
  });

  it('lists by number and status, page by page', async () => {
    const made = await Promise.all([1, 2, 3].map(() => create('+14155551777')));
    const listed = await client.calls.list({ to: '+14155551777', pageSize: 2 });
    expect(listed.map((call) => call.sid).sort()).toEqual(made.map((call) => call.sid).sort());
    const aMinuteAgo = new Date(systemClock.now() - 60_000);
    expect(await client.calls.list({ to: '+14155551777', from, startTimeAfter: aMinuteAgo })).toHaveLength(3);
    expect(await client.calls.list({ to: '+14155551777', status: 'busy' })).toEqual([]);
    for (const call of made) await client.calls(call.sid).update({ status: 'completed' });
  });

  it('refuses in the shape of Twilio', async () => {
    await expect(create('911')).rejects.toMatchObject({
      status: 400,
      code: 21211,
      moreInfo: 'https://www.twilio.com/docs/errors/21211',
    });
    await expect(client.calls('CA00000000000000000000000000000000').fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
    const stranger = twilio(testAccount.accountSid, 'wrong');
    stranger.api.baseUrl = bench.url;
    await expect(stranger.calls.list()).rejects.toMatchObject({ status: 401, code: 20003 });
    expect(bench.ledger.entries({ kind: 'create-request' }).at(-1)).toMatchObject({ outcome: 'refused', errorCode: 21211 });
  });

  it('sends no callback at all for events in one value (21626)', async () => {
    const call = await create('+14155551002', { statusCallbackEvent: ['initiated ringing'], twiml: '<Response/>' });
    await stateIs(call.sid, 'completed');
    expect(bench.ledger.entries({ call: call.sid, kind: 'warning' })).toMatchObject([{ code: 21626 }]);
    expect(bench.ledger.entries({ call: call.sid, kind: 'callback-sent' })).toEqual([]);
  });

  it('retries a callback only as the fragment of its URL says', async () => {
    bench.customer.answer = (request) => (request.url.startsWith('/flaky') ? { status: 503 } : undefined);
    const once = await create('+14155551003', {
      statusCallback: `${bench.customer.url}/flaky`,
      statusCallbackEvent: ['completed'],
      twiml: '<Response/>',
    });
    const thrice = await create('+14155551003', {
      statusCallback: `${bench.customer.url}/flaky#rc=2&rp=all`,
      statusCallbackEvent: ['completed'],
      twiml: '<Response/>',
    });
    await bench.whenEntry('callback-failed', (entry) => entry.callSid === once.sid);
    await bench.whenEntry('callback-failed', (entry) => entry.callSid === thrice.sid);
    expect(callbacksOf(once.sid)).toHaveLength(1);
    const tries = callbacksOf(thrice.sid);
    expect(tries).toHaveLength(3);
    expect(new Set(tries.map((request) => request.headers['i-twilio-idempotency-token'])).size).toBe(1);
  });

  it('runs a document from a URL, falls back, and follows a redirect', async () => {
    const documents: Record<string, string> = {
      '/first': '<Response><Redirect method="GET">/second?a=1</Redirect></Response>',
      '/second': '<Response><Hangup/></Response>',
      '/broken': '<Response>',
      '/fallback': '<Response><Hangup/></Response>',
    };
    bench.customer.answer = ({ url }) => {
      const body = documents[url.split('?')[0] ?? ''];
      return body === undefined ? undefined : { status: 200, type: 'text/xml', body };
    };
    const { url } = bench.customer;
    const one = await client.calls.create({ to: '+14155551004', from, url: `${url}/first` });
    const two = await client.calls.create({ to: '+14155551004', from, url: `${url}/broken`, fallbackUrl: `${url}/fallback` });
    for (const call of [one, two]) {
      const ended = await bench.whenEntry('carrier-ended', (entry) => entry.callSid === call.sid);
      expect(ended['by']).toBe('twiml-hangup');
    }
    const first = await bench.customer.whenRequest((request) => request.url === '/first');
    expect(first.params).toMatchObject({ CallSid: one.sid, CallStatus: 'in-progress' });
    const second = bench.customer.requests.find((request) => request.url.startsWith('/second'))!;
    expect(second.method).toBe('GET');
    expect(
      twilio.validateRequest(testAccount.authToken, String(second.headers['x-twilio-signature']), url + second.url, {}),
    ).toBe(true);
  });
});
