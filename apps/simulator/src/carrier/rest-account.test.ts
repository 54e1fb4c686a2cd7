import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import type { CarrierServerOptions } from '../server.js';
import type { Scenario } from '../scenarios.js';
import { openTestBench, testAccount, type TestBench } from '../test-customer.js';

const from = '+15005550006';
const twiml = '<Response><Pause length="600"/></Response>';
const fast = { queuedMs: 0, postDialMs: 20, answerAfterMs: 40, hello: null, replies: [] };
const waits: Scenario[] = [{ to: '+1*', ...fast, queuedMs: 60_000 }];

describe('an account', () => {
  let bench: TestBench;
  afterEach(() => bench.close());

  async function open(
    options: Partial<CarrierServerOptions>,
    scenarios: readonly Scenario[] = [{ to: '+1*', ...fast }],
  ): Promise<twilio.Twilio> {
    bench = await openTestBench({ ...options, scenarios });
    return clientOf(testAccount.accountSid, testAccount.authToken);
  }
  function clientOf(user: string, password: string, accountSid = testAccount.accountSid): twilio.Twilio {
    const client = twilio(user, password, { accountSid });
    client.api.baseUrl = bench.url;
    return client;
  }
  const stateIs = (sid: string, status: string) =>
    bench.whenEntry('call-state', (entry) => entry.callSid === sid && entry['status'] === status);

  it('is opened by an API key and its secret, and by nothing else', async () => {
    const key = { sid: 'SK0123456789abcdef0123456789abcdef', secret: 'its-secret' };
    await open({ apiKeys: [key] }, waits);
    const call = await clientOf(key.sid, key.secret).calls.create({ to: '+14155551000', from, twiml });
    expect(call.accountSid).toBe(testAccount.accountSid);
    await expect(clientOf(key.sid, 'guess').calls.list()).rejects.toMatchObject({
      status: 401,
      code: 20003,
      message: 'Authenticate',
    });
    await expect(clientOf('SKffffffffffffffffffffffffffffffff', 'any').calls.list()).rejects.toMatchObject({
      code: 20003,
      message: 'Authentication Error - invalid username',
    });
  });

  it('has test credentials that create calls which nobody makes, and may do nothing else', async () => {
    const test = { accountSid: 'ACffffffffffffffffffffffffffffffff', authToken: 'test-secret' };
    await open({ testCredentials: test });
    const client = clientOf(test.accountSid, test.authToken, test.accountSid);
    const statusCallback = `${bench.customer.url}/cb`;
    const call = await client.calls.create({ to: '+14155551000', from, twiml, statusCallback });
    expect(call).toMatchObject({ status: 'queued', accountSid: test.accountSid });
    await expect(client.calls.create({ to: '+15005550001', from, twiml })).rejects.toMatchObject({ code: 21217 });
    await expect(client.calls.create({ to: '+14155551000', from: '+14155551001', twiml })).rejects.toMatchObject({ code: 21210 });
    await expect(client.calls(call.sid).fetch()).rejects.toMatchObject({ status: 403, code: 20008 });
    await expect(client.calls.list()).rejects.toMatchObject({ status: 403, code: 20008 });
    await expect(clientOf(test.accountSid, test.authToken).calls.list()).rejects.toMatchObject({ status: 401, code: 20003 });
    expect(bench.ledger.entries({ kind: 'create-request' }).at(0)).toMatchObject({ outcome: 'accepted', testCredentials: true });
    expect(bench.ledger.entries({ call: call.sid, kind: 'call-state' })).toEqual([]);
    expect(bench.customer.requests).toEqual([]);
  });

  it('dials at its calls per second, tells the queue in queue_time, and cancels what waited too long without a word', async () => {
    const client = await open({ callsPerSecond: 1, queueExpiryMs: 1_500 });
    const statusCallback = `${bench.customer.url}/cb`;
    const more = { from, twiml, statusCallback, statusCallbackEvent: ['initiated', 'completed'] };
    const made = [];
    for (let i = 0; i < 3; i++) made.push(await client.calls.create({ to: `+1415555100${i}`, ...more }));
    expect(made[0]!.queueTime).toBe('0');
    expect(Number(made[2]!.queueTime)).toBeGreaterThanOrEqual(1_000);
    const [first, second, third] = made.map((call) => call.sid) as [string, string, string];
    expect(await stateIs(third, 'canceled')).toMatchObject({ was: 'queued', by: 'queue-expired' });
    const dialledAt = await Promise.all([first, second].map((sid) => stateIs(sid, 'initiated')));
    expect(dialledAt[1]!.mono - dialledAt[0]!.mono).toBeGreaterThan(800);
    expect(bench.customer.requests.filter((request) => request.params['CallSid'] === third)).toEqual([]);
    await client.calls(first).update({ status: 'completed' });
  });

  it('lets a call leave the queue by REST', async () => {
    const client = await open({ callsPerSecond: 0.01 });
    await client.calls.create({ to: '+14155551000', from, twiml });
    const waiting = await client.calls.create({ to: '+14155551001', from, twiml });
    expect(Number(waiting.queueTime)).toBeGreaterThan(90_000);
    expect((await client.calls(waiting.sid).update({ status: 'canceled' })).status).toBe('canceled');
    expect(bench.ledger.entries({ call: waiting.sid, kind: 'callback-sent' })).toEqual([]);
  });

  it('fails the call that is one too many at the same time (10004), or refuses it', async () => {
    let client = await open({ maxConcurrentCalls: 1 });
    const first = await client.calls.create({ to: '+14155551000', from, twiml });
    await stateIs(first.sid, 'in-progress');
    const second = await client.calls.create({ to: '+14155551001', from, twiml });
    await stateIs(second.sid, 'failed');
    expect((await client.calls(second.sid).notifications.list()).map(({ errorCode }) => errorCode)).toEqual(['10004']);
    await bench.close();

    client = await open({ maxConcurrentCalls: 1, overConcurrency: 'refuse' });
    const only = await client.calls.create({ to: '+14155551000', from, twiml });
    await stateIs(only.sid, 'in-progress');
    await expect(client.calls.create({ to: '+14155551001', from, twiml })).rejects.toMatchObject({ status: 400, code: 10004 });
    await client.calls(only.sid).update({ status: 'completed' });
    await expect(client.calls.create({ to: '+14155551001', from, twiml })).resolves.toBeDefined();
  });

  it('refuses a REST request that is one too many at the same time with 20429, and shows how many there are', async () => {
    const client = await open({ maxConcurrentRequests: 1 }, waits);
    const control = await fetch(`${bench.url}/simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ kind: 'create-slow-after', delayMs: 1_000 }),
    });
    expect(control.status).toBe(204);
    const slow = client.calls.create({ to: '+14155551000', from, twiml });
    await bench.whenEntry('create-request');
    await expect(client.calls.list()).rejects.toMatchObject({ status: 429, code: 20429 });
    expect(bench.ledger.entries({ kind: 'rest-refused' })).toMatchObject([{ httpStatus: 429, errorCode: 20429, method: 'GET' }]);
    await slow;
    const headers = { Authorization: `Basic ${Buffer.from(Object.values(testAccount).join(':')).toString('base64')}` };
    const response = await fetch(`${bench.url}/2010-04-01/Accounts/${testAccount.accountSid}/Calls.json`, { headers });
    expect([response.status, response.headers.get('twilio-concurrent-requests')]).toEqual([200, '1']);
  });

  it('says when to try again with a 429, if it is told so', async () => {
    const headers = { Authorization: `Basic ${Buffer.from(Object.values(testAccount).join(':')).toString('base64')}` };
    for (const retryAfterSec of [undefined, 3]) {
      await open({ retryAfterSec });
      await fetch(`${bench.url}/simulator/faults`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ kind: 'rest-429' }),
      });
      const refused = await fetch(`${bench.url}/2010-04-01/Accounts/${testAccount.accountSid}/Calls.json`, { headers });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, retryAfterSec === undefined ? null : '3']);
      if (retryAfterSec === undefined) await bench.close();
    }
  });

  it('shows itself and its numbers to programs that look before they call', async () => {
    let client = await open({
      ownedNumbers: new Set(['+14155550199', '+14155550198']),
      verifiedNumbers: new Set(['+14155550100']),
    });
    const account = await client.api.v2010.accounts(testAccount.accountSid).fetch();
    expect(account).toMatchObject({ sid: testAccount.accountSid, status: 'active', type: 'Trial' });
    const owned = await client.incomingPhoneNumbers.list();
    expect(owned.map(({ phoneNumber }) => phoneNumber)).toEqual(['+14155550199', '+14155550198']);
    expect(owned[0]).toMatchObject({ friendlyName: '(415) 555-0199', capabilities: { voice: true } });
    expect(await client.incomingPhoneNumbers(owned[1]!.sid).fetch()).toMatchObject({ phoneNumber: '+14155550198' });
    await expect(client.incomingPhoneNumbers('PN00000000000000000000000000000000').fetch()).rejects.toMatchObject({
      status: 404,
    });
    const named = async (phoneNumber: string) => (await client.incomingPhoneNumbers.list({ phoneNumber })).length;
    expect([await named('+14155550199'), await named('+1415*'), await named('+14155550100'), await named('nobody')]).toEqual([
      1, 2, 0, 0,
    ]);
    expect(await client.outgoingCallerIds.list({ phoneNumber: '+14155550100' })).toHaveLength(1);
    const call = await client.calls.create({ to: '+14155550100', from: '+14155550198', twiml });
    expect(call.phoneNumberSid).toBe(owned[1]!.sid);
    await bench.close();

    client = await open({});
    expect(await client.incomingPhoneNumbers.list({ phoneNumber: '+14155551234' })).toHaveLength(1);
    expect((await client.incomingPhoneNumbers.list()).map(({ phoneNumber }) => phoneNumber)).toEqual([from]);
    expect(await client.outgoingCallerIds.list()).toEqual([]);
  });

  it('reads calls as they were a while ago, if its reads lag, and acts on them as they are', async () => {
    const client = await open({ readLagMs: 60_000 });
    const call = await client.calls.create({ to: '+14155551000', from, twiml });
    await stateIs(call.sid, 'in-progress');
    expect((await client.calls(call.sid).fetch()).status).toBe('queued');
    expect(await client.calls.list()).toEqual([]);
    expect((await client.calls(call.sid).update({ status: 'completed' })).status).toBe('completed');
  });

  it('deletes the record of a call that is over, not of one that lives', async () => {
    let client = await open({});
    const call = await client.calls.create({ to: '+14155551000', from, twiml });
    await stateIs(call.sid, 'in-progress');
    await expect(client.calls(call.sid).remove()).rejects.toMatchObject({ status: 409, code: 20009 });
    await client.calls(call.sid).update({ status: 'completed' });
    expect(await client.calls(call.sid).remove()).toBe(true);
    for (const gone of [client.calls(call.sid).fetch(), client.calls(call.sid).remove(), client.calls(call.sid).events.list()])
      await expect(gone).rejects.toMatchObject({ status: 404, code: 20404 });
    expect(await client.calls.list()).toEqual([]);
    expect(bench.ledger.entries({ call: call.sid, kind: 'carrier-ended' })).toHaveLength(1);
    await bench.close();

    client = await open({ deletesLiveCalls: true });
    const live = await client.calls.create({ to: '+14155551000', from, twiml });
    await stateIs(live.sid, 'in-progress');
    expect(await client.calls(live.sid).remove()).toBe(true);
    expect(bench.ledger.entries({ call: live.sid, kind: 'carrier-ended' })).toHaveLength(1);
  });
});
