import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CarrierCallId, E164 } from '@onhook/contracts';
import { silentLogger, systemClock } from '@onhook/service';
import { aPlaceCall, aRedirect, describeCarrier, startTwilioFixture, type TwilioFixture } from '../../conformance/index.js';
import type { Carrier } from '../../port.js';
import { createTwilioCarrier } from './twilio-carrier.js';

const TIMES = { connectTimeoutMs: 300, createTimeoutMs: 400, httpTimeoutMs: 300 };
const carrierAt = (baseUrl: string, accountSid = `AC${'1'.repeat(32)}`): Carrier =>
  createTwilioCarrier({ accountSid, authToken: 'secret', baseUrl, logger: silentLogger, clock: systemClock, ...TIMES });

describeCarrier('the Twilio adapter', async () => {
  const fixture = await startTwilioFixture(systemClock);
  const carrier = createTwilioCarrier({
    accountSid: fixture.accountSid,
    authToken: 'secret',
    baseUrl: fixture.url,
    logger: silentLogger,
    clock: systemClock,
  });
  return {
    carrier,
    created: () => fixture.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/Calls.json')).length,
    setStatus: (sid, status) => fixture.setStatus(sid, status),
    now: () => systemClock.now(),
    stop: () => fixture.stop(),
  };
});

describe('what the Twilio adapter sends', () => {
  let fixture: TwilioFixture;
  let carrier: Carrier;
  beforeEach(async () => {
    fixture = await startTwilioFixture(systemClock);
    carrier = carrierAt(fixture.url);
  });
  afterEach(() => fixture.stop());
  const last = () => fixture.requests.at(-1)!;

  it('is one create with everything that the call needs to end by itself', async () => {
    const request = aPlaceCall({ streamToken: 'a<b>&"c' });
    await carrier.placeCall(request, () => false);
    const { method, path, form, headers } = last();
    expect([method, path]).toEqual(['POST', `/2010-04-01/Accounts/${fixture.accountSid}/Calls.json`]);
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`${fixture.accountSid}:secret`).toString('base64')}`);
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(headers['user-agent']).toContain('twilio-node/');
    expect(form.get('To')).toBe('+14155550123');
    expect(form.get('From')).toBe('+14155550199');
    expect(form.get('Timeout')).toBe('30');
    expect(form.get('TimeLimit')).toBe('630');
    expect(form.get('StatusCallback')).toBe(`${request.statusCallbackUrl}#rc=5&rp=all&rt=5000&tt=15000`);
    expect(form.get('StatusCallbackMethod')).toBe('POST');
    expect(form.getAll('StatusCallbackEvent')).toEqual(['initiated', 'ringing', 'answered', 'completed']);
    expect(form.get('Twiml')).toContain('<Parameter name="token" value="a&lt;b>&amp;&quot;c"/>');
    expect(form.get('Twiml')).toMatch(/<\/Connect><Hangup\/><\/Response>$/);
    expect(form.has('Url')).toBe(false);
  });

  it('asks to find out who answers only if somebody wants to know, and never lets the callee wait for it', async () => {
    await carrier.placeCall(aPlaceCall(), () => false);
    expect([...last().form.keys()].filter((name) => /machine|amd/i.test(name))).toEqual([]);
    const callbackUrl = 'https://onhook.example/carrier/twilio/amd/call_a_1/1';
    await carrier.placeCall(aPlaceCall({ machineDetection: { callbackUrl } }), () => false);
    expect(Object.fromEntries([...last().form].filter(([name]) => /machine|amd/i.test(name)))).toEqual({
      MachineDetection: 'DetectMessageEnd',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: `${callbackUrl}#rc=5&rp=all&rt=5000&tt=15000`,
      AsyncAmdStatusCallbackMethod: 'POST',
    });
  });

  it('is one redirect, with the new time limit, on a connection of its own', async () => {
    const sid = fixture.addCall({ to: '+1', from: '+2', createdAt: null, status: 'in-progress' }) as CarrierCallId;
    await carrier.fetchCall(sid);
    expect(await carrier.redirect(sid, aRedirect())).toEqual({ outcome: 'asked' });
    const { path, form, connection } = last();
    expect(path).toBe(`/2010-04-01/Accounts/${fixture.accountSid}/Calls/${sid}.json`);
    expect([...form.keys()].toSorted()).toEqual(['TimeLimit', 'Twiml']);
    expect(form.get('TimeLimit')).toBe('3700');
    expect(form.get('Twiml')).toContain('>+14155550177</Number></Dial><Hangup/></Response>');
    expect([connection, fixture.requests[0]!.connection]).toEqual([2, 1]);
  });

  it('is no redirect while as many requests are under way as may be', async () => {
    const { url: baseUrl, accountSid } = fixture;
    const busy = createTwilioCarrier({
      accountSid,
      authToken: 'secret',
      baseUrl,
      requestsAtOnce: 1,
      logger: silentLogger,
      clock: systemClock,
    });
    const sid = fixture.addCall({ to: '+1', from: '+2', createdAt: null, status: 'in-progress' }) as CarrierCallId;
    let requestsWhenAnswered = 0;
    fixture.once((_, response) => {
      setTimeout(() => {
        requestsWhenAnswered = fixture.requests.length;
        response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":20404}');
      }, 100);
    });
    const [fetched, redirected] = await Promise.all([busy.fetchCall(sid), busy.redirect(sid, aRedirect())]);
    expect([fetched.outcome, redirected.outcome, requestsWhenAnswered]).toEqual(['not-found', 'asked', 1]);
  });

  it('is no redirect any more when that could begin only after 8 s: the conversation goes on', async () => {
    const { url: baseUrl, accountSid } = fixture;
    let skippedMs = 0;
    const clock = { now: () => systemClock.now(), monotonicMs: () => systemClock.monotonicMs() + skippedMs };
    const busy = createTwilioCarrier({
      accountSid,
      authToken: 'secret',
      baseUrl,
      requestsAtOnce: 1,
      logger: silentLogger,
      clock,
    });
    const sid = fixture.addCall({ to: '+1', from: '+2', createdAt: null, status: 'in-progress' }) as CarrierCallId;
    fixture.once((_, response) => {
      skippedMs = 8_001;
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":20404}');
    });
    const [, redirected] = await Promise.all([busy.fetchCall(sid), busy.redirect(sid, aRedirect())]);
    expect(redirected).toEqual({ outcome: 'refused', reason: 'grant-expired' });
    expect(fixture.requests).toHaveLength(1);
  });

  it('never asks for less than the shortest time limit that the carrier knows', async () => {
    await carrier.placeCall(aPlaceCall({ timeLimitSec: 45 }), () => false);
    expect(last().form.get('TimeLimit')).toBe('60');
  });

  it('uses an API key for REST when there is one, and still the account in the path', async () => {
    const withKey = createTwilioCarrier({
      accountSid: fixture.accountSid,
      authToken: 'secret',
      apiKey: `SK${'3'.repeat(32)}`,
      apiSecret: 'key-secret',
      baseUrl: fixture.url,
      logger: silentLogger,
      clock: systemClock,
    });
    await withKey.placeCall(aPlaceCall(), () => false);
    expect(last().path).toContain(fixture.accountSid);
    expect(last().headers.authorization).toBe(`Basic ${Buffer.from(`SK${'3'.repeat(32)}:key-secret`).toString('base64')}`);
  });

  it('is every create on a connection of its own, and the others on a kept one', async () => {
    await carrier.placeCall(aPlaceCall(), () => false);
    await carrier.placeCall(aPlaceCall(), () => false);
    const sid = `CA${'1'.padStart(32, '0')}` as CarrierCallId;
    await carrier.fetchCall(sid);
    await carrier.fetchCall(sid);
    expect(fixture.requests.map(({ connection }) => connection)).toEqual([1, 2, 3, 3]);
    expect(fixture.requests[0]!.headers.connection).toBe('close');
  });

  it('is repeated once for a look whose kept connection turns out to be closed', async () => {
    const sid = fixture.addCall({ to: '+1', from: '+2', createdAt: null }) as CarrierCallId;
    await carrier.fetchCall(sid);
    fixture.once((_, response) => void response.socket?.destroy());
    expect(await carrier.fetchCall(sid)).toMatchObject({ outcome: 'found' });
    expect(fixture.requests).toHaveLength(3);
  });

  it('asks whether the grant still holds only once the connection stands, in the tick of the first byte', async () => {
    let isConnected = false;
    let asked = 0;
    const server = createTcpServer((socket) => {
      isConnected = true;
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const outcome = await carrierAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).placeCall(aPlaceCall(), () => {
      asked++;
      return true;
    });
    expect(outcome).toEqual({ outcome: 'not-sent', retryInMs: 0, reason: 'grant-expired' });
    expect(asked).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(isConnected).toBe(true);
  });
});

describe('what the Twilio adapter makes of answers', () => {
  let fixture: TwilioFixture;
  let carrier: Carrier;
  const sid = `CA${'c'.repeat(32)}` as CarrierCallId;
  beforeEach(async () => {
    fixture = await startTwilioFixture(systemClock);
    carrier = carrierAt(fixture.url);
  });
  afterEach(() => fixture.stop());
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): void =>
    fixture.once((_, response) => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });

  it.each([
    [201, 'not json at all', 'unclear'],
    [201, { status: 'queued' }, 'unclear'],
    [500, { code: 20_500, message: 'Internal', status: 500 }, 'unclear'],
    [400, { code: 21_211, message: 'The number +14155550123 is invalid', status: 400 }, 'refused'],
    [401, { code: 20_003, message: 'Authenticate', status: 401 }, 'misconfigured'],
    [429, { code: 20_429, message: 'Too many', status: 429 }, 'not-sent'],
  ])('to a create: %i %j is %s, after one request', async (status, body, outcome) => {
    answer(status, body);
    expect(await carrier.placeCall(aPlaceCall(), () => false)).toMatchObject({ outcome });
    expect(fixture.requests).toHaveLength(1);
  });

  it('to a hangup: nothing but a status is trusted', async () => {
    answer(200, { sid, status: 'completed' });
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'asked', status: 'completed' });
    expect(fixture.requests[0]!.form.toString()).toBe('Status=completed');
    answer(200, '<html>');
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'failed', reason: 'garbled-answer' });
    answer(400, { code: 21_220, message: 'Call is not in-progress. Cannot redirect.', status: 400 });
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'perhaps-over', code: 21_220 });
    answer(404, { code: 20_404, message: 'not found', status: 404 });
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'perhaps-over', code: 20_404 });
    answer(404, 'nginx');
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'failed', reason: 'http-404' });
    answer(429, { code: 20_429, message: 'Too many', status: 429 });
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'failed', reason: 'twilio-20429', retryInMs: 1_000 });
    answer(503, '');
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'failed', reason: 'http-503' });
    answer(401, { code: 20_003, message: 'Authenticate', status: 401 });
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'failed', reason: 'twilio-20003' });
  });

  it("to a look: a 404 that is not the API's own, another SID and garbage prove nothing", async () => {
    answer(404, 'nginx');
    expect(await carrier.fetchCall(sid)).toEqual({ outcome: 'failed', reason: 'http-404' });
    answer(200, { sid: `CA${'d'.repeat(32)}`, status: 'completed' });
    expect(await carrier.fetchCall(sid)).toEqual({ outcome: 'failed', reason: 'garbled-answer' });
    answer(200, { sid, status: 'exploded' });
    expect(await carrier.fetchCall(sid)).toEqual({ outcome: 'failed', reason: 'garbled-answer' });
    answer(200, 'null');
    expect(await carrier.fetchCall(sid)).toEqual({ outcome: 'failed', reason: 'garbled-answer' });
    answer(404, { code: 20_404, message: 'not found', status: 404 });
    expect(await carrier.fetchCall(sid)).toEqual({ outcome: 'not-found' });
  });

  it('to a list: all pages are read, until one is too old', async () => {
    fixture.setPageSize(3);
    const now = systemClock.now();
    for (let i = 0; i < 12; i++) fixture.addCall({ to: '+14155550123', from: '+1', createdAt: now - i * 10_000 });
    fixture.addCall({ to: '+14155550123', from: '+1', createdAt: null });
    const listed = await carrier.listCalls({ to: '+14155550123' as E164, createdAfter: now - 45_000 });
    expect(listed).toMatchObject({ outcome: 'listed', complete: true });
    expect(listed.outcome === 'listed' && listed.calls.length).toBe(6);
    expect(listed.outcome === 'listed' && listed.calls[0]!.createdAt).toBeNull();
    expect(fixture.requests).toHaveLength(3);
  });

  it('to a list: a page that fails makes it incomplete, the first one failed', async () => {
    fixture.setPageSize(1);
    const now = systemClock.now();
    for (let i = 0; i < 3; i++) fixture.addCall({ to: '+14155550123', from: '+1', createdAt: now });
    fixture.once(() => false);
    answer(500, '');
    expect(await carrier.listCalls({ createdAfter: now - 5_000 })).toMatchObject({
      outcome: 'listed',
      complete: false,
      calls: [{}],
    });
    answer(500, '');
    expect(await carrier.listCalls({ createdAfter: 0 })).toEqual({ outcome: 'failed', reason: 'http-500' });
    answer(200, { calls: [{ sid: 'nonsense' }], next_page_uri: null });
    expect(await carrier.listCalls({ createdAfter: 0 })).toEqual({ outcome: 'listed', complete: false, calls: [] });
    answer(200, { something: 'else' });
    expect(await carrier.listCalls({ createdAfter: 0 })).toMatchObject({ outcome: 'failed' });
  });
});
