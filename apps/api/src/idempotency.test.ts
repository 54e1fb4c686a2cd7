import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, startTestApi, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeEach(async () => {
  test = await startTestApi();
});
afterEach(() => test.stop());

describe('Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'order-8841 +14155552671' };

  it('the same request again is the same call', async () => {
    const first = await test.create({ to: TO, metadata: { a: 1, b: 2 } }, headers);
    const again = await test.create('{ "metadata": { "b": 2, "a": 1 }, "to": "+14155552671" }', headers);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body.id).toBe(first.body.id);
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
    expect(again.headers.get('location')).toBe(`/v1/calls/${first.body.id}`);
    expect(test.database.records.size).toBe(1);
  });

  it('twenty at once are one call', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => test.create({ to: TO }, headers)));
    expect(new Set(all.map(({ body }) => body.id)).size).toBe(1);
    expect(all.filter((answer) => answer.headers.get('idempotency-replayed') === null)).toHaveLength(1);
    expect(test.database.records.size).toBe(1);
  });

  it('with another body it is refused, and nothing is created', async () => {
    await test.create({ to: TO }, headers);
    const other = await test.send('POST', '/v1/calls', { to: '+14155552672' }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect(test.database.records.size).toBe(1);
  });

  it('a replay wakes the dialer again while the call is queued, and not once it was dialed', async () => {
    const { body } = await test.create({ to: TO }, headers);
    await test.create({ to: TO }, headers);
    await test.api.idle();
    expect(test.wakes).toHaveLength(2);
    await dialed(test, body.id);
    expect((await test.create({ to: TO }, headers)).body.status).toBe('dialing');
    await test.api.idle();
    expect(test.wakes).toHaveLength(2);
  });

  it('another key, or none, is another call', async () => {
    await test.create({ to: TO }, headers);
    await test.create({ to: TO }, { 'idempotency-key': 'another' });
    await test.create({ to: TO });
    expect(test.database.records.size).toBe(3);
  });

  it('a commit whose answer was lost is found by the repeated request', async () => {
    let lose = true;
    const lossy = await startTestApi({ faults: { losesReply: () => lose } });
    const first = await lossy.send('POST', '/v1/calls', { to: TO }, headers);
    expect([first.status, first.body.code]).toEqual([503, 'redis-unavailable']);
    expect(lossy.database.records.size).toBe(1);
    lose = false;
    const again = await lossy.create({ to: TO }, headers);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    await lossy.api.idle();
    expect(lossy.wakes).toEqual([{ type: 'wake-dialer', callId: again.body.id }]);
    expect(lossy.database.records.size).toBe(1);
    await lossy.stop();
  });
});
