import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dialed, startTestApi, TO, type TestApi } from './testing/test-api.js';

let test: TestApi;
beforeEach(async () => {
  test = await startTestApi();
});
afterEach(() => test.stop());

const key = (text: string): Record<string, string> => ({ 'idempotency-key': text });

describe('an Idempotency-Key on a POST that is not POST /v1/calls', () => {
  it('gives the first answer to whoever repeats, and says so', async () => {
    const { id } = (await test.create({ to: TO })).body;
    await dialed(test, id);
    const first = await test.send('POST', `/v1/calls/${id}/end`, { message: 'Bye.' }, key('one'));
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([202, null]);
    const before = test.snapshot();
    const again = await test.send('POST', `/v1/calls/${id}/end`, { message: 'Bye.' }, key('one'));
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
    expect(again.body).toEqual(first.body);
    expect(test.snapshot()).toBe(before);
  });

  it.each([
    ['another body', '/end', { message: 'Farewell.' }],
    ['another route', '-all', { confirm: 'end-all-calls' }],
  ])('with %s is another request', async (_, path, body) => {
    const { id } = (await test.create({ to: TO })).body;
    await dialed(test, id);
    await test.send('POST', `/v1/calls/${id}/end`, { message: 'Bye.' }, key('one'));
    const before = test.snapshot();
    const other = await test.send('POST', path === '-all' ? '/v1/end-all' : `/v1/calls/${id}${path}`, body, key('one'));
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect(test.snapshot()).toBe(before);
  });

  it('is told to wait while the first one runs', async () => {
    const { id } = (await test.create({ to: TO })).body;
    await dialed(test, id);
    const answers = await Promise.all(Array.from({ length: 8 }, () => test.send('POST', `/v1/calls/${id}/end`, {}, key('one'))));
    const others = answers.filter(({ status, headers }) => status !== 202 || headers.get('idempotency-replayed') === 'true');
    expect(others).toHaveLength(7);
    for (const { status, body, headers } of others.filter((answer) => answer.status !== 202)) {
      expect([status, body.code, headers.get('retry-after')]).toEqual([409, 'idempotency-in-progress', '1']);
    }
  });

  it('is free again if the first one was refused', async () => {
    const { id } = (await test.create({ to: TO })).body;
    const missing = id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect((await test.send('POST', `/v1/calls/${missing}/end`, {}, key('one'))).status).toBe(404);
    expect((await test.send('POST', `/v1/calls/${id}/end`, {}, key('one'))).status).toBe(202);
  });

  it('that cannot be one is refused before anything is done', async () => {
    const answer = await test.send('POST', '/v1/end-all', { confirm: 'end-all-calls' }, key('x'.repeat(256)));
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-idempotency-key']);
  });
});
