import { createOnhook, OnhookProblem, type Onhook } from '@onhook/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, startTestApi, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
let onhook: Onhook;
beforeEach(async () => {
  test = await startTestApi();
  onhook = createOnhook({ url: `${test.url}/`, apiKey: KEY });
});
afterEach(() => test.stop());

describe('the typed client', () => {
  it('places a call, finds it, changes it, and ends it', async () => {
    const call = await onhook.calls.create({ to: TO, metadata: { orderId: '8841' } }, { idempotencyKey: 'order-8841' });
    expect((await onhook.calls.create({ to: TO, metadata: { orderId: '8841' } }, { idempotencyKey: 'order-8841' })).id).toBe(
      call.id,
    );
    const { data } = await onhook.calls.list({ status: 'queued', metadata: { orderId: '8841' } });
    expect(data.map(({ id }) => id)).toEqual([call.id]);
    const later = '2099-01-01T09:00:00.000Z';
    expect((await onhook.calls.change(call.id, { schedule: { earliestAt: later } })).nextAttemptAt).toBe(later);
    expect((await onhook.calls.end(call.id)).cause).toBe('canceled');
    const { timeline } = await onhook.calls.get(call.id, { include: 'timeline' });
    expect(timeline?.map(({ event }) => event)).toEqual(['created', 'amended', 'end-asked']);
    expect((await onhook.calls.timeline(call.id)).data).toEqual(timeline);
  });

  it('reads on over as many pages as there are', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await onhook.calls.create({ to: TO })).id);
    const found: string[] = [];
    for await (const { id } of onhook.calls.all({ limit: '2' })) found.push(id);
    expect(found).toEqual(ids);
  });

  it('plans a call without placing it', async () => {
    expect(await onhook.calls.plan({ to: TO })).toMatchObject({ dryRun: true, status: 'queued', country: 'US' });
    expect(test.database.records.size).toBe(0);
  });

  it('rejects with what was wrong', async () => {
    const wrong = await onhook.calls.create({ to: '+1415' }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(OnhookProblem);
    expect(wrong).toMatchObject({ status: 422, code: 'validation-failed', errors: [{ pointer: '/to' }] });
    expect((wrong as OnhookProblem).requestId).toMatch(/^req_/);
    const stranger = createOnhook({ url: test.url, apiKey: 'sk_of_somebody_else' });
    await expect(stranger.dialing.get()).rejects.toMatchObject({ status: 401, code: 'invalid-api-key' });
    const missing = 'call_a_01hf7yat00e008000000000000';
    await expect(onhook.calls.cancel(missing)).rejects.toMatchObject({ status: 404, code: 'not-found' });
  });

  it('switches dialing, and everything else is there too', async () => {
    expect(await onhook.dialing.set(false)).toEqual({ enabled: false });
    expect(await onhook.dialing.endAll({ confirm: 'end-all-calls' })).toMatchObject({ calls: 0 });
    const { data, response } = await onhook.http.GET('/readyz');
    expect([response.status, data?.status]).toEqual([200, 'degraded']);
  });
});
