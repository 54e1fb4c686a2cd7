import type { CallPlanView, CallView } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, FROM, startTestApi, testAgent, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeEach(async () => {
  test = await startTestApi({
    agents: new Map([
      ['demo', testAgent('demo', { greeting: 'Hello {{name}}.', variables: { name: 'there' } })],
      ['mailbox', testAgent('mailbox', { voicemail: { machine: 'hang-up', unknown: 'continue', message: 'Call us.' } })],
    ]),
  });
});
afterEach(() => test.stop());

const policyOf = async (body: object) => {
  const answer = await test.create({ to: TO, agentId: 'demo', ...body });
  expect(answer.status).toBe(201);
  return (await test.store.calls.load(answer.body.id as never))!.call.policy;
};

describe('a dry run', () => {
  const dryRun = (body: object) => test.send<CallPlanView>('POST', '/v1/calls?dryRun=true', { to: TO, agentId: 'demo', ...body });

  it('says what would happen, and nothing happens', async () => {
    const before = test.snapshot();
    const answer = await dryRun({ variables: { name: 'Ada' }, retry: { maxAttempts: 3 } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      dryRun: true,
      status: 'queued',
      waitReason: null,
      wouldEndAs: null,
      to: TO,
      country: 'US',
      from: null,
      agentId: 'demo',
      opening: 'Hello. I am an automated AI assistant. Hello Ada.',
      maxAttempts: 3,
    });
    expect(test.snapshot()).toBe(before);
  });

  it('says why the call would wait, and until when', async () => {
    const earliestAt = '2099-01-01T09:00:00.000Z';
    expect((await dryRun({ schedule: { earliestAt } })).body).toMatchObject({
      status: 'scheduled',
      waitReason: 'not-before',
      nextAttemptAt: earliestAt,
    });
  });

  it('says that the call would never be dialed', async () => {
    await test.send('POST', '/v1/do-not-call', { numbers: [TO] });
    expect((await dryRun({})).body.wouldEndAs).toBe('do-not-call');
  });

  it('finds the mistakes that the call would have', async () => {
    const answer = await test.send('POST', '/v1/calls?dryRun=true', { to: '+1911', agentId: 'demo' });
    expect(answer.status).toBe(422);
  });

  it('uses up no Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'order-1' };
    const body = { to: TO, agentId: 'demo' };
    await test.send('POST', '/v1/calls?dryRun=true', body, key);
    const real = await test.create(body, key);
    expect([real.status, real.headers.get('idempotency-replayed')]).toEqual([201, null]);
  });
});

describe('what a call may ask for', () => {
  it('is dialed once, unless retry says otherwise', async () => {
    expect((await policyOf({})).redial).toMatchObject({ maxAttempts: 1, on: [] });
    expect((await policyOf({ retry: { maxAttempts: 4, on: ['busy'], delaySeconds: 60, backoff: 'fixed' } })).redial).toEqual({
      maxAttempts: 4,
      on: ['busy'],
      delaySec: 60,
      backoff: 'fixed',
      maxDelaySec: 14_400,
    });
  });

  it('meets a machine as the agent’s file has it, unless the call says otherwise', async () => {
    expect(await policyOf({})).toMatchObject({ voicemail: 'continue' });
    expect(await policyOf({})).not.toHaveProperty('detectsMachines');
    expect(await policyOf({ voicemail: {} })).toMatchObject({ voicemail: 'hang-up', detectsMachines: true });
    expect(await policyOf({ agentId: 'mailbox' })).toMatchObject({ voicemail: 'hang-up', detectsMachines: true });
    expect(await policyOf({ agentId: 'mailbox', voicemail: { action: 'leave-message' } })).toMatchObject({
      voicemail: 'leave-message',
      detectsMachines: true,
    });
    expect(await policyOf({ agentId: 'mailbox', voicemail: { detect: false } })).not.toHaveProperty('detectsMachines');
  });

  it.each([
    [{ voicemail: { action: 'leave-message' } }, '/voicemail/action', 'no-voicemail-message'],
    [{ agentOverrides: { firstMessage: 'Hi.' } }, '/agentOverrides', 'not-offered'],
    [{ priority: 1 }, '/priority', 'not-offered'],
    [{ schedule: { timeZone: 'recipient' } }, '/schedule/timeZone', 'not-offered'],
    [{ voicemail: { message: 'Call us.' } }, '/voicemail/message', 'not-offered'],
    [{ recording: { enabled: false } }, '/recording', 'not-offered'],
    [{ retry: { maxAttempts: 11 } }, '/retry/maxAttempts', 'too-big'],
    [{ retry: { on: ['carrier-unavailable'] } }, '/retry/on/0', 'invalid-value'],
  ])('%j is refused, not ignored', async (more, pointer, code) => {
    const answer = await test.send('POST', '/v1/calls', { to: TO, agentId: 'demo', ...more });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
    expect(test.database.records.size).toBe(0);
  });
});

describe('the list', () => {
  const list = async (query: string) =>
    (await test.send<{ data: CallView[]; nextCursor: string | null }>('GET', `/v1/calls?${query}`)).body;

  it('is filtered by what a call is, and by its metadata', async () => {
    const ids: string[] = [];
    for (const metadata of [{ orderId: '1' }, { orderId: '2' }, { orderId: 2 }]) {
      ids.push((await test.create({ to: TO, agentId: 'demo', metadata })).body.id);
    }
    await dialed(test, ids[0]!);
    const found = async (query: string) => (await list(query)).data.map(({ id }) => ids.indexOf(id));
    expect(await found('')).toEqual([2, 1, 0]);
    expect(await found('status=queued')).toEqual([2, 1]);
    expect(await found('status=dialing,ended')).toEqual([0]);
    expect(await found('metadata[orderId]=2')).toEqual([2, 1]);
    expect(await found('metadata%5BorderId%5D=1&status=queued')).toEqual([]);
    expect(await found(`to=${encodeURIComponent(TO)}&from=${encodeURIComponent(FROM)}`)).toEqual([0]);
    expect(await found('agentId=mailbox')).toEqual([]);
    expect(await found('minDurationMs=1')).toEqual([]);
    expect(await found('createdAfter=2099-01-01T00:00:00Z')).toEqual([]);
    expect(await found('createdBefore=2099-01-01T00:00:00Z')).toEqual([2, 1, 0]);
  });

  it('is read on page by page, with a filter too', async () => {
    for (let i = 0; i < 5; i++) await test.create({ to: TO, agentId: 'demo', metadata: { even: i % 2 === 0 } });
    const first = await list('limit=2&metadata[even]=true');
    expect(first.data).toHaveLength(2);
    const second = await list(`limit=2&metadata[even]=true&cursor=${first.nextCursor}`);
    expect([second.data.length, second.nextCursor]).toEqual([1, null]);
  });

  it.each([
    ['status=live', '/status/0', 'invalid-value'],
    ['state=queued', '/state', 'unrecognized-key'],
    ['createdAfter=yesterday', '/createdAfter', 'invalid-format'],
    ['limit=201', '/limit', 'too-big'],
    ['metadata=1', '/metadata', 'invalid-type'],
  ])('%s is refused', async (query, pointer, code) => {
    const answer = await test.send('GET', `/v1/calls?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
  });
});

describe('one call', () => {
  it('brings what is asked for with it', async () => {
    const { id } = (await test.create({ to: TO, agentId: 'demo' })).body;
    const get = async (query: string) => (await test.send<CallView>('GET', `/v1/calls/${id}${query}`)).body;
    expect(await get('')).toHaveProperty('timeline');
    expect(await get('?include=transcript')).not.toHaveProperty('timeline');
    expect(await get('?include=timeline,transcript')).toMatchObject({ timeline: [{ event: 'created' }], transcript: null });
  });

  it('has a timeline that is read page by page', async () => {
    const { id } = (await test.create({ to: TO, agentId: 'demo' })).body;
    await dialed(test, id);
    const page = async (query: string) =>
      (await test.send<{ data: { event: string }[]; nextCursor: string | null }>('GET', `/v1/calls/${id}/timeline?${query}`))
        .body;
    const first = await page('limit=2');
    expect(first.data.map(({ event }) => event)).toEqual(['created', 'dial-started']);
    const second = await page(`limit=2&cursor=${first.nextCursor}`);
    expect([second.data.map(({ event }) => event), second.nextCursor]).toEqual([['accepted'], null]);
  });
});
