import type { CallView, TimelineEntryView } from '@onhook/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, startTestApi, testAgent, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeEach(async () => {
  test = await startTestApi({
    agents: new Map([
      ['demo', testAgent('demo')],
      ['named', testAgent('named', { greeting: 'Hello {{name}}.' })],
    ]),
  });
});
afterEach(() => test.stop());

const create = async (body: object = {}): Promise<CallView> => {
  const answer = await test.create({ to: TO, agentId: 'demo', ...body });
  expect(answer.text).toContain('"id"');
  return answer.body;
};
const later = '2099-01-01T09:00:00.000Z';
const ended = async (id: string): Promise<void> => {
  await test.send('POST', `/v1/calls/${id}/cancel`);
  await test.store.calls.apply(id as never, { type: 'settled', n: 0, source: 'hangup' });
};

describe('PATCH /v1/calls/:id', () => {
  it('moves a call to later, and back to now, and tells why it waits and until when', async () => {
    const { id } = await create();
    const schedule = { earliestAt: later, latestAt: '2099-02-01T00:00:00Z' };
    const moved = await test.send<CallView>('PATCH', `/v1/calls/${id}`, { schedule });
    expect(moved.status).toBe(200);
    expect(moved.body).toMatchObject({ status: 'scheduled', waitReason: 'not-before', nextAttemptAt: later });
    test.wakes.length = 0;
    const now = await test.send<CallView>('PATCH', `/v1/calls/${id}`, { schedule: { earliestAt: '2020-01-01T00:00:00Z' } });
    expect(now.body.status).toBe('queued');
    await test.api.idle();
    expect(test.wakes).toEqual([{ type: 'wake-dialer', callId: id }]);
  });

  it('replaces variables and metadata, and the timeline tells of it without their words', async () => {
    const { id } = await create({ agentId: 'named', variables: { name: 'Ada' }, metadata: { a: 1 } });
    const { body } = await test.send<CallView>('PATCH', `/v1/calls/${id}`, { variables: { name: 'Grace' }, metadata: { b: 2 } });
    expect(body).toMatchObject({ variables: { name: 'Grace' }, metadata: { b: 2 } });
    expect(body.metadata).toEqual({ b: 2 });
    const { body: timeline } = await test.send<{ data: TimelineEntryView[] }>('GET', `/v1/calls/${id}/timeline`);
    expect(timeline.data.at(-1)).toMatchObject({ event: 'amended', effect: 'noted', detail: {} });
  });

  it.each([
    ['a variable that the agent needs', { variables: {} }, '/variables/name', 'missing-variable'],
    ['a moment that has passed', { schedule: { latestAt: '2020-01-01T00:00:00Z' } }, '/schedule/latestAt', 'schedule-impossible'],
    ['another number', { to: '+14155552672' }, '/to', 'unrecognized-key'],
  ])('with %s is refused and changes nothing', async (_, change, pointer, code) => {
    const { id } = await create({ agentId: 'named', variables: { name: 'Ada' } });
    const before = test.snapshot();
    const answer = await test.send('PATCH', `/v1/calls/${id}`, change);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer, code }]);
    expect(test.snapshot()).toBe(before);
  });

  it('is too late once the call is being dialed', async () => {
    const { id } = await create();
    await dialed(test, id);
    const answer = await test.send('PATCH', `/v1/calls/${id}`, { metadata: {} });
    expect([answer.status, answer.body.code]).toEqual([409, 'call-not-changeable']);
  });
});

describe('POST /v1/calls/:id/cancel', () => {
  it('cancels a call that waits; again it is as it was', async () => {
    const { id } = await create();
    const canceled = await test.send<CallView>('POST', `/v1/calls/${id}/cancel`);
    expect([canceled.status, canceled.body.cause, canceled.body.endedParty]).toEqual([202, 'canceled', 'operator']);
    expect((await test.send<CallView>('POST', `/v1/calls/${id}/cancel`)).status).toBe(202);
  });

  it('never hangs up: a call that is being dialed is left alone', async () => {
    const { id } = await create();
    await dialed(test, id);
    const answer = await test.send('POST', `/v1/calls/${id}/cancel`);
    expect([answer.status, answer.body.code]).toEqual([409, 'call-not-cancelable']);
    expect((await test.send<CallView>('GET', `/v1/calls/${id}`)).body.state).toBe('placed');
  });
});

describe('POST /v1/calls/:id/retry', () => {
  it('takes up an ended call again, and says which', async () => {
    const first = await create({ variables: { a: 1 }, metadata: { b: 2 }, limits: { maxDurationSeconds: 60 } });
    await ended(first.id);
    const again = await test.send<CallView>('POST', `/v1/calls/${first.id}/retry`);
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({ status: 'queued', to: TO, retryOf: first.id, variables: { a: 1 }, metadata: { b: 2 } });
    expect(again.body.id).not.toBe(first.id);
    expect(again.headers.get('location')).toBe(`/v1/calls/${again.body.id}`);
  });

  it('with an Idempotency-Key does so once, and the key means this call alone', async () => {
    const [one, two] = [await create(), await create()];
    await Promise.all([ended(one.id), ended(two.id)]);
    const key = { 'idempotency-key': 'again' };
    const first = await test.send<CallView>('POST', `/v1/calls/${one.id}/retry`, {}, key);
    const repeated = await test.send<CallView>('POST', `/v1/calls/${one.id}/retry`, {}, key);
    expect([repeated.body.id, repeated.headers.get('idempotency-replayed')]).toEqual([first.body.id, 'true']);
    expect((await test.send('POST', `/v1/calls/${two.id}/retry`, {}, key)).body.code).toBe('idempotency-key-reused');
  });

  it('is refused while the call lives: no phone rings twice at a time', async () => {
    const { id } = await create();
    const answer = await test.send('POST', `/v1/calls/${id}/retry`);
    expect([answer.status, answer.body.code]).toEqual([409, 'call-not-over']);
  });
});
