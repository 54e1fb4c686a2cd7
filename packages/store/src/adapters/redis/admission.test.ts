import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import { BOTH, nextNumber, request, RUNNING } from '../../conformance/admission-request.js';
import { FROM, newAccount, TO } from '../../conformance/sample-call.js';
import { createKeys, type AccountKey } from '../../keys.js';
import { OPEN_VAULT } from '../../vault.js';
import type { AccountLimits } from '../../ports/admission-control.js';
import { connectRedis, createRedisAdmission, createRedisAdmissionControl } from './index.js';

const HOUR = 3_600_000;
let server: TestRedis;
let redis: Redis;
let prefix: string;
let account: string;
beforeAll(async () => {
  server = await startRedis({ appendfsync: 'always' });
  redis = (await connectRedis(server.url, 'producer', { logger: silentLogger })) as Redis;
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  prefix = `test-${systemChance.uuid().slice(0, 8)}`;
  account = newAccount();
});
const admissionWith = (limits: Partial<AccountLimits>) => createRedisAdmission({ redis, prefix, ...BOTH, limits });
const key = (name: AccountKey): string => createKeys(prefix).account(account)(name);
const redisNow = async (): Promise<number> => {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
};

describe('admission on Redis', () => {
  it('counts the attempts of the last 24 hours only, and forgets older ones of whomever', async () => {
    const admission = admissionWith({ attemptsPerNumberPerDay: 2 });
    const now = await redisNow();
    const forgotten = OPEN_VAULT.nameOf(nextNumber());
    await redis.hset(key('tries'), OPEN_VAULT.nameOf(TO), `${now - 25 * HOUR},${now - 24 * HOUR - 1},${now - 2 * HOUR}`);
    await redis.hset(key('tries'), forgotten, String(now - 30 * HOUR));
    await redis.zadd(key('tried'), now - 30 * HOUR, forgotten, now - 2 * HOUR, OPEN_VAULT.nameOf(TO));
    const one = request(account, { to: TO });
    expect((await admission.ask(one)).verdict).toBe('granted');
    await admission.release(account, one.callId, 1, 1);
    expect(await admission.ask(request(account, { to: TO }))).toEqual({
      verdict: 'held',
      until: now - 2 * HOUR + 24 * HOUR,
      reason: 'attempts-per-day',
    });
    expect(await redis.hexists(key('tries'), forgotten)).toBe(0);
    expect(await redis.zrange(key('tried'), '0', '-1')).toEqual([OPEN_VAULT.nameOf(TO)]);
  });

  it('begins a new budget with a new day (UTC), and takes over what is held back for calls in flight', async () => {
    const control = createRedisAdmissionControl({ redis, prefix });
    const admission = admissionWith({ minutesPerDay: 10 });
    const overnight = request(account, { mostMinutes: 4 });
    expect((await admission.ask(overnight)).verdict).toBe('granted');
    const yesterday = Math.floor((await redisNow()) / (24 * HOUR)) - 1;
    const meter = ((await redis.hget(key('meters'), 'a')) ?? '').split('|');
    await redis.hset(key('meters'), { day: yesterday, a: [...meter.slice(0, 4), 10, 7].join('|') });
    expect(await control.usage(account)).toMatchObject({ minutesToday: 0, microsToday: 0, minutesHeld: 4 });
    expect((await admission.ask(request(account, { mostMinutes: 6 }))).verdict).toBe('granted');
    await admission.release(account, overnight.callId, 1, 3);
    expect(await control.usage(account)).toMatchObject({ minutesToday: 3, microsToday: 0, minutesHeld: 6 });
  });

  it('leaves nothing behind of calls that are over but what they spent and when numbers had their last turn', async () => {
    const control = createRedisAdmissionControl({ redis, prefix });
    const admission = admissionWith({ microsPerMinute: { '*': 5 } });
    await control.setCampaign(account, 'spring', RUNNING);
    const asked = [request(account, { campaign: { id: 'spring', revision: 1 } }), request(account), request(account)];
    for (const one of asked) await admission.ask(one);
    await Promise.all(asked.map((one, i) => admission.release(account, one.callId, 1, i === 2 ? 'not-dialed' : 1)));
    for (const name of ['in-flight', 'places', 'tries', 'tried', 'wait'] as const) expect(await redis.exists(key(name))).toBe(0);
    const { day, a: ofAccount, 'c:spring': ofCampaign, ...ofNumbers } = await redis.hgetall(key('meters'));
    expect(Number(day)).toBe(Math.floor((await redisNow()) / (24 * HOUR)));
    expect(ofAccount).toMatch(/^0\|\d{16}\|0\|0\|2\|10$/);
    expect(ofCampaign).toMatch(/^0\|\d{16}\|0\|0\|1\|5$/);
    expect(Object.keys(ofNumbers)).toHaveLength(2);
    for (const meter of Object.values(ofNumbers)) expect(meter).toMatch(/^0\|\d{16}$/);
  });

  it('understands a place of the release before seats were counted, and gives it back when it has run out', async () => {
    const control = createRedisAdmissionControl({ redis, prefix });
    const admission = admissionWith({ maxConcurrent: 2 });
    const [expired, living] = [request(account), request(account, { leaseMs: 60_000 })];
    for (const one of [expired, living]) {
      await admission.ask(one);
      const name = `${one.callId}:1`;
      const fields = ((await redis.hget(key('places'), name)) ?? '').split('|');
      await redis.hset(key('places'), name, fields.slice(0, 7).join('|'));
    }
    await redis.zadd(key('in-flight'), 1, `${expired.callId}:1`);
    expect(await admission.places(account)).toMatchObject([{ askedUs: 0 }, { askedUs: 0 }]);
    expect((await admission.ask(request(account))).verdict).toBe('granted');
    expect(await redis.hexists(key('places'), `${expired.callId}:1`)).toBe(0);
    // A dialer of that release names no moment.
    await admission.release(account, living.callId, 1, 1);
    expect(await control.usage(account)).toMatchObject({ minutesToday: 3, minutesHeld: 2 });
  });

  it('is not confused by a clock that was set back', async () => {
    const admission = admissionWith({ callsPerSecond: 2 });
    await redis.hset(key('meters'), 'a', `0|${((await redisNow()) + HOUR) * 1_000}|0|0|0|0`);
    const answer = await admission.ask(request(account));
    expect(answer.verdict === 'account-waits' && answer.retryInMs).toBeLessThanOrEqual(1_000);
  });

  it('keeps a grant over a Redis that was killed: the dialer that asks again gets the same one', async () => {
    const admission = admissionWith({ maxConcurrent: 1, callsPerSecond: 1_000, attemptsPerNumberPerDay: 1 });
    const one = request(account, { to: TO });
    const granted = await admission.ask(one);
    await server.restart();
    await waitUntil(async () => (await redis.ping().catch(() => '')) === 'PONG');
    expect(await admission.ask(one)).toEqual({ ...granted, inMs: 0, askedUs: expect.any(Number) });
    expect(await admission.ask(request(account))).toMatchObject({ verdict: 'account-waits', reason: 'max-concurrent' });
  });

  it('is down while Redis is', async () => {
    server.pause();
    try {
      await expect(admissionWith({}).ask(request(account))).rejects.toMatchObject({ code: 'redis-unavailable' });
    } finally {
      server.resume();
    }
    await waitUntil(async () => (await redis.ping().catch(() => '')) === 'PONG');
  });

  it('needs a number to call from, and a price where money is limited', () => {
    expect(() => createRedisAdmission({ redis, prefix, fromNumbers: [], limits: {} })).toThrow('number to call from');
    expect(() => createRedisAdmission({ redis, prefix, fromNumbers: [FROM], limits: { microsPerDay: 1 } })).toThrow('price');
  });
});

async function waitUntil(ask: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await ask()) return;
    await systemTimers.sleep(50);
  }
  throw new Error('it did not come');
}
