import type { CallView, CarrierCallId, GatewayId, GatewayOrder, StreamSid, TimelineEntryView } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryAdmissionControl } from '@onhook/store/memory';
import { dialed, FROM, SID, startTestApi, testAgent, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeEach(async () => {
  test = await startTestApi();
});
afterEach(() => test.stop());

const gatewayId = 'gw_01hf7yat00e008000000000000' as GatewayId;
const streamSid = `MZ${'1'.repeat(32)}` as StreamSid;

async function bridged(callId: string): Promise<void> {
  await dialed(test, callId);
  const id = callId as Parameters<typeof test.store.calls.apply>[0];
  await test.store.calls.apply(id, {
    type: 'stream-started',
    n: 1,
    sid: SID as CarrierCallId,
    streamSid,
    gatewayId,
    source: 'gateway',
  });
}

describe('POST /v1/calls', () => {
  it('answers 201 with the call and where it is, and wakes the dialer', async () => {
    const { status, headers, body } = await test.create({
      to: TO,
      variables: { name: 'Ada', vip: true },
      metadata: { order: 7 },
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/calls/${body.id}`);
    expect(body).toMatchObject({
      status: 'queued',
      state: 'queued',
      to: TO,
      from: null,
      agentId: 'demo',
      disposition: null,
      cause: null,
      attempts: [],
    });
    expect(body).toMatchObject({
      variables: { name: 'Ada', vip: true },
      metadata: { order: 7 },
      recording: { status: 'none', url: null },
    });
    expect(body.timeline).toBeUndefined();
    await test.api.idle();
    expect(test.wakes).toEqual([{ type: 'wake-dialer', callId: body.id }]);
  });

  it('a call for later is scheduled, and says why it waits and until when', async () => {
    const earliestAt = '2099-01-01T10:00:00+02:00';
    const { body } = await test.create({ to: TO, schedule: { earliestAt } });
    expect(body).toMatchObject({ status: 'scheduled', waitReason: 'not-before', nextAttemptAt: '2099-01-01T08:00:00.000Z' });
    expect(body.hint).toContain('not to be dialed before');
  });

  it('a queued call says what keeps its whole account waiting', async () => {
    const control = createMemoryAdmissionControl({ database: test.database });
    const accountWait = async () => ({ reason: 'kill-switch' as const, until: Date.parse('2099-01-01T08:00:00Z') });
    const other = await startTestApi({ control: { ...control, accountWait } });
    const { body } = await other.create({ to: TO });
    expect(body).toMatchObject({ status: 'queued', waitReason: null, hint: null });
    const looked = await other.send<CallView>('GET', `/v1/calls/${body.id}`);
    expect(looked.body).toMatchObject({ waitReason: 'kill-switch', nextAttemptAt: '2099-01-01T08:00:00.000Z' });
    expect(looked.body.hint).toContain('switched off');
    await other.stop();
  });

  it('an earliest moment that has passed means now', async () => {
    expect((await test.create({ to: TO, schedule: { earliestAt: '2020-01-01T00:00:00Z' } })).body.status).toBe('queued');
  });

  it("what the call does not say of limits is its agent's to say", async () => {
    const agents = new Map([['slow', testAgent('slow', { limits: { ringTimeoutSeconds: 45, maxDurationSeconds: 1_200 } })]]);
    const other = await startTestApi({ agents });
    const { body } = await other.create({ to: TO, limits: { maxDurationSeconds: 90 } });
    const loaded = await other.store.calls.load(body.id as Parameters<typeof other.store.calls.load>[0]);
    expect(loaded?.call.policy).toMatchObject({
      ringTimeoutSec: 45,
      maxDurationSec: 90,
      transferLimitSec: 0,
      voicemail: 'continue',
    });
    await other.stop();
  });

  it('a variable that the agent needs and nobody gives is named', async () => {
    const agents = new Map([
      ['polite', testAgent('polite', { greeting: 'Hello {{name}}, it is {{day}}.', variables: { day: 'Monday' } })],
    ]);
    const other = await startTestApi({ agents });
    const refused = await other.send('POST', '/v1/calls', { to: TO });
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      [{ pointer: '/variables/name', code: 'missing-variable', message: 'The agent needs this variable' }],
    ]);
    expect((await other.create({ to: TO, variables: { name: 'Ada' } })).status).toBe(201);
    await other.stop();
  });

  it('the asked limits are in the record', async () => {
    const { body } = await test.create({
      to: TO,
      from: FROM,
      limits: { ringTimeoutSeconds: 20, maxDurationSeconds: 90 },
      schedule: { latestAt: '2099-01-01T00:00:00Z' },
    });
    const record = JSON.parse([...test.database.records.values()][0]?.json ?? '{}') as { policy: object };
    expect(record.policy).toMatchObject({
      ringTimeoutSec: 20,
      maxDurationSec: 90,
      latestAt: Date.parse('2099-01-01T00:00:00Z'),
      redial: { maxAttempts: 1 },
    });
    expect(body.from).toBe(FROM);
  });

  it('a wake that is lost does not lose the call', async () => {
    const deaf = await startTestApi({ waker: () => Promise.reject(new Error('the queue is away')) });
    const { status, body } = await deaf.create();
    await deaf.api.idle();
    expect(status).toBe(201);
    expect([...deaf.database.due.keys()]).toEqual([body.id]);
    await deaf.stop();
  });

  it('201 does not wait for the wake', async () => {
    let finish: () => void = () => undefined;
    const slow = await startTestApi({ waker: () => new Promise<void>((resolve) => (finish = resolve)) });
    expect((await slow.create()).status).toBe(201);
    finish();
    await slow.stop();
  });

  it('a test number of the carrier is dialed where the carrier is a simulator', async () => {
    const simulated = await startTestApi({ settings: { carrier: 'simulator' } });
    expect((await simulated.create({ to: '+15005550006' })).status).toBe(201);
    await simulated.stop();
  });
});

describe('GET /v1/calls', () => {
  it('pages through all calls, newest first, each once', async () => {
    const created: string[] = [];
    for (let i = 0; i < 5; i++) created.push((await test.create()).body.id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { data: CallView[]; nextCursor: string | null } = (
        await test.send<{ data: CallView[]; nextCursor: string | null }>(
          'GET',
          `/v1/calls?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        )
      ).body;
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect([...seen].sort()).toEqual([...created].sort());
    expect(seen).toHaveLength(5);
  });

  it('is empty when there is none', async () => {
    expect((await test.send('GET', '/v1/calls')).body).toEqual({ data: [], nextCursor: null });
  });
});

describe('GET /v1/calls/:id', () => {
  it('shows the call with its timeline, in milliseconds since it was created', async () => {
    const { body: created } = await test.create();
    await dialed(test, created.id);
    const { status, body, headers } = await test.send<CallView>('GET', `/v1/calls/${created.id}`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.attempts).toMatchObject([{ number: 1, from: FROM, carrierCallId: SID, disposition: null }]);
    expect(body.timeline?.map(({ event, state, source }) => [event, state, source])).toEqual([
      ['created', 'queued', 'api'],
      ['dial-started', 'dialing', 'dialer'],
      ['accepted', 'placed', 'dialer'],
    ]);
    expect(body.timeline?.[0]?.atMs).toBe(0);
    expect((await test.send<{ data: TimelineEntryView[] }>('GET', body.links.timeline)).body.data).toEqual(body.timeline);
    expect((await test.send('HEAD', `/v1/calls/${created.id}`)).status).toBe(200);
  });
});

describe('POST /v1/calls/:id/end', () => {
  it('a call that waits is canceled before it is dialed', async () => {
    const { body } = await test.create();
    const ended = await test.send<CallView>('POST', `/v1/calls/${body.id}/end`);
    expect(ended.status).toBe(202);
    expect(ended.body).toMatchObject({
      state: 'settling',
      disposition: 'canceled',
      cause: 'canceled',
      causeGroup: 'not-dialed',
      endedParty: 'operator',
    });
    await test.api.idle();
    expect(test.wakes).toContainEqual({ type: 'wake-hangup', callId: body.id });
  });

  it('a call that was dialed is hung up', async () => {
    const { body } = await test.create();
    await dialed(test, body.id);
    const ended = await test.send<CallView>('POST', `/v1/calls/${body.id}/end`, {});
    expect([ended.status, ended.body.state, ended.body.cause, ended.body.endedParty]).toEqual([
      202,
      'ending',
      'operator-ended-call',
      'operator',
    ]);
    await test.api.idle();
    expect(test.wakes).toContainEqual({ type: 'wake-hangup', callId: body.id });
  });

  it('asking twice is answered twice and changes nothing more', async () => {
    const { body } = await test.create();
    await dialed(test, body.id);
    await test.send('POST', `/v1/calls/${body.id}/end`);
    const due = [...test.database.due];
    expect((await test.send('POST', `/v1/calls/${body.id}/end`)).status).toBe(202);
    expect([...test.database.due]).toEqual(due);
  });

  it('last words go to the gateway that holds the call, and only the record knows them', async () => {
    const orders: GatewayOrder[] = [];
    await test.stop();
    test = await startTestApi({ orders: { send: async (to, order) => void (to === gatewayId && orders.push(order)) } });
    const { body } = await test.create();
    await bridged(body.id);
    const asked = await test.send<CallView>('POST', `/v1/calls/${body.id}/end`, { message: 'canary-words, goodbye' });
    expect([asked.status, asked.body.state]).toEqual([202, 'bridged']);
    await test.api.idle();
    expect(orders).toEqual([{ type: 'say-and-end', callId: body.id, streamSid }]);
    expect(asked.text).not.toContain('canary-words');
    expect((await test.send('GET', `/v1/calls/${body.id}`)).text).not.toContain('canary-words');
  });

  it('a call that has ended cannot be ended: 409', async () => {
    const { body } = await test.create();
    await test.send('POST', `/v1/calls/${body.id}/end`);
    await test.store.calls.apply(body.id as Parameters<typeof test.store.calls.apply>[0], {
      type: 'settled',
      n: 0,
      source: 'hangup',
    });
    const shown = await test.send<CallView>('GET', `/v1/calls/${body.id}`);
    expect(shown.body).toMatchObject({
      status: 'ended',
      disposition: 'canceled',
      cause: 'canceled',
      hint: 'The call was canceled before it was dialed.',
    });
    const again = await test.send('POST', `/v1/calls/${body.id}/end`);
    expect([again.status, again.body.code]).toEqual([409, 'call-not-live']);
  });
});
