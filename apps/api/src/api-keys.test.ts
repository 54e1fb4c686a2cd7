import type { ApiKeyView } from '@onhook/contracts';
import { systemChance, systemClock } from '@onhook/service';
import { createMemoryApiKeys, createMemoryDatabase } from '@onhook/store/memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApiKey, readApiKey } from './api-key.js';
import { startTestApi, type TestApi } from './testing/test-api.js';

type Made = ApiKeyView & { key: string };

let test: TestApi;
let now = 1_800_000_000_000;
let monotonic = 0;
const pass = (ms: number): void => {
  now += ms;
  monotonic += ms;
};
const clock = { now: () => now, monotonicMs: () => monotonic };
beforeAll(async () => {
  test = await startTestApi({ clock });
});
afterAll(() => test.stop());

const make = (body: object) => test.send<Made>('POST', '/v1/api-keys', { name: 'a key', scopes: ['calls:read'], ...body });
const status = async (key: string, path = '/v1/calls') =>
  (await test.send('GET', path, undefined, { authorization: `Bearer ${key}` })).status;

describe('an API key', () => {
  it('is shown once, and only its hash is kept', async () => {
    const { status: made, body } = await make({ name: 'nightly', scopes: ['calls:read', 'calls:read'] });
    expect(made).toBe(201);
    expect(body).toMatchObject({ name: 'nightly', scopes: ['calls:read'], expiresAt: null, lastUsedAt: null });
    expect(readApiKey(body.key)).toBe(body.id);
    expect(JSON.stringify([...test.database.apiKeys])).not.toContain(body.key.slice(-43));
    const list = await test.send('GET', '/v1/api-keys');
    expect(list.text).toContain(body.id);
    expect(list.text).not.toContain(body.key.slice(-43));
    expect(await status(body.key)).toBe(200);
  });

  it('opens nothing if a letter of it is wrong, or if it was made up', async () => {
    const { key } = (await make({})).body;
    const last = key.at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of [
      key.slice(0, -1) + last,
      key.slice(0, -1),
      `${key}A`,
      newApiKey(systemChance).key,
      `sk_${'x'.repeat(70)}`,
      'sk_',
    ]) {
      expect(await status(wrong)).toBe(401);
    }
  });

  it('expires', async () => {
    const { key, expiresAt } = (await make({ expiresAt: new Date(now + 60_000).toISOString() })).body;
    expect(expiresAt).toBe(new Date(now + 60_000).toISOString());
    expect(await status(key)).toBe(200);
    pass(60_000);
    expect(await status(key)).toBe(401);
    expect((await make({ expiresAt: new Date(now).toISOString() })).status).toBe(422);
  });

  it('is rotated with an overlap', async () => {
    const { id, key: first } = (await make({})).body;
    const rotated = await test.send<Made>('POST', `/v1/api-keys/${id}/rotate`, { overlapSeconds: 60 });
    const second = rotated.body.key;
    expect([rotated.status, rotated.body.id, rotated.body.previousValidUntil]).toEqual([
      200,
      id,
      new Date(now + 60_000).toISOString(),
    ]);
    expect([await status(first), await status(second)]).toEqual([200, 200]);
    pass(60_000);
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    const third = (await test.send<Made>('POST', `/v1/api-keys/${id}/rotate`, { overlapSeconds: 0 })).body.key;
    expect([await status(second), await status(third)]).toEqual([401, 200]);
  });

  it('is revoked at once here, and within two seconds elsewhere', async () => {
    const { id, key } = (await make({})).body;
    expect(await status(key)).toBe(200);
    expect((await test.send('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
    expect(await status(key)).toBe(401);
    expect((await test.send('DELETE', `/v1/api-keys/${id}`)).body.code).toBe('not-found');

    const other = (await make({})).body;
    expect(await status(other.key)).toBe(200);
    test.database.apiKeys.delete(other.id);
    pass(2_000);
    expect(await status(other.key)).toBe(401);
  });

  it('remembers when it was used, written seldom', async () => {
    const { id, key } = (await make({})).body;
    const usedAt = now;
    for (let i = 0; i < 3; i++) {
      await status(key);
      pass(1_000);
    }
    const lastUsed = async () =>
      (await test.send<{ data: ApiKeyView[] }>('GET', '/v1/api-keys')).body.data.find((one) => one.id === id)?.lastUsedAt;
    expect(await lastUsed()).toBe(new Date(usedAt).toISOString());
    pass(60_000);
    await status(key);
    expect(await lastUsed()).toBe(new Date(now).toISOString());
  });

  it('may not make keys for itself unless it is an admin’s', async () => {
    const { key } = (await make({ scopes: ['settings:write', 'calls:write'] })).body;
    const headers = { authorization: `Bearer ${key}` };
    const answer = await test.send('POST', '/v1/api-keys', { name: 'mine', scopes: ['admin'] }, headers);
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient-scope']);
  });

  it('that cannot be looked up is no reason to let it in, nor to call it wrong', async () => {
    const database = createMemoryDatabase(systemClock);
    let isDown = false;
    const away = await startTestApi({ apiKeys: createMemoryApiKeys({ database, faults: { isDown: () => isDown } }) });
    const { key } = newApiKey(systemChance);
    isDown = true;
    const answer = await away.send('GET', '/v1/calls', undefined, { authorization: `Bearer ${key}` });
    expect([answer.status, answer.body.code]).toEqual([503, 'redis-unavailable']);
    isDown = false;
    expect((await away.send('GET', '/v1/calls', undefined, { authorization: `Bearer ${key}` })).status).toBe(401);
    await away.stop();
  });
});
