import type { GatewayOrder } from '@onhook/contracts';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { afterEach, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import {
  applyAll,
  createBridged,
  createSample,
  idFor,
  keyed,
  newAccount,
  newGateway,
  newLeg,
  newStreamSid,
  ordinaryLife,
  sampleCall,
} from '../../conformance/sample-call.js';
import { readDurability } from '../../durability.js';
import { StoreUnavailable } from '../../errors.js';
import { checkRedis, connectRedis, createRedisStore, type RedisClient, type RedisStore } from './index.js';

let server: TestRedis | undefined;
let open: RedisClient[] = [];
afterEach(async () => {
  for (const redis of open) redis.disconnect();
  open = [];
  await server?.stop();
  server = undefined;
});

async function setUp(cluster: boolean): Promise<{ server: TestRedis; redis: RedisClient; store: RedisStore }> {
  server = await startRedis({ cluster, appendfsync: 'always' });
  const redis = await connectRedis(cluster ? `${server.url}?cluster=1` : server.url, 'producer', { logger: silentLogger });
  open.push(redis);
  return {
    server,
    redis,
    store: createRedisStore({ redis, prefix: 'onhook', chance: systemChance, timers: systemTimers, logger: silentLogger }),
  };
}

async function tookMs(run: () => Promise<unknown>): Promise<number> {
  const start = systemClock.monotonicMs();
  await run();
  return systemClock.monotonicMs() - start;
}

/** Asks until it is answered; how long that took. */
async function recovery(run: () => Promise<unknown>, withinMs: number): Promise<number> {
  return tookMs(async () => {
    for (const until = systemClock.monotonicMs() + withinMs; ;) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || systemClock.monotonicMs() > until) throw error;
        await systemTimers.sleep(50);
      }
    }
  });
}

describe.each([
  ['one server', false],
  ['a cluster of one node', true],
])('an outage of %s', (_, cluster) => {
  it('by SIGKILL loses nothing that was answered', async () => {
    const { server, store } = await setUp(cluster);
    const account = newAccount();
    const asked = sampleCall({ account }, 'k');
    await store.calls.create(asked, keyed(account, 'k'));
    const leg = newLeg();
    const bridged = await createBridged(store.calls, leg);
    const ended = await createSample(store.calls);
    await applyAll(store.calls, ended, ordinaryLife(newLeg()));
    const look = async () => ({
      records: await Promise.all(
        [asked.callId, bridged, ended].map(async (callId) => ({ ...(await store.calls.load(callId)), now: 0 })),
      ),
      timelines: await Promise.all([asked.callId, bridged, ended].map((callId) => store.calls.timeline(callId))),
      list: await store.calls.list({ limit: 10, cursor: null }),
      sid: await store.calls.findBySid(leg.sid),
      close: await store.calls.renewLeases(leg.gatewayId, [{ callId: bridged, streamSid: leg.streamSid }]),
    });
    const before = await look();
    await server.kill();
    expect(
      await tookMs(() => expect(store.calls.load(bridged)).rejects.toMatchObject({ code: 'redis-unavailable' })),
    ).toBeLessThan(2_000);
    await expect(store.calls.create(sampleCall(), null)).rejects.toMatchObject({ code: 'redis-unavailable' });
    await server.restart();
    await recovery(() => store.calls.load(bridged), 10_000);
    expect(await look()).toEqual(before);
    expect((await store.calls.create(sampleCall({ account }, 'k'), keyed(account, 'k'))).outcome).toBe('replayed');
  });

  it('by silence is answered within two seconds, and passes by itself', async () => {
    const { server, store } = await setUp(cluster);
    const callId = await createSample(store.calls);
    server.pause();
    const asked: (() => Promise<unknown>)[] = [
      () => store.calls.load(callId),
      () => store.calls.create(sampleCall(), null),
      () => store.calls.apply(callId, { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' }),
      () => store.calls.due(10),
      () => store.orders.send(newGateway(), { type: 'close', callId, streamSid: newStreamSid() }),
    ];
    const took = await Promise.all(
      asked.map((ask) => tookMs(() => expect(ask()).rejects.toMatchObject({ code: 'redis-unavailable' }))),
    );
    expect(Math.max(...took)).toBeLessThan(2_000);
    // Also once the connection is known to be dead.
    expect(
      await tookMs(() => expect(store.calls.load(callId)).rejects.toMatchObject({ code: 'redis-unavailable' })),
    ).toBeLessThan(2_000);
    server.resume();
    expect(await recovery(() => store.calls.load(callId), 10_000)).toBeLessThan(5_000);
  });

  it('delays the orders of a gateway and loses none', async () => {
    const { server, store } = await setUp(cluster);
    const gatewayId = newGateway();
    const orders = Array.from({ length: 3 }, (): GatewayOrder => ({
      type: 'close',
      callId: idFor('any', null),
      streamSid: newStreamSid(),
    }));
    const got: GatewayOrder[] = [];
    const stop = new AbortController();
    let wake = (): void => {};
    const done = store.orders.receive(
      gatewayId,
      (order) => {
        got.push(order);
        wake();
      },
      stop.signal,
    );
    const until = (count: number): Promise<void> =>
      new Promise((resolve) => {
        wake = () => void (got.length >= count && resolve());
        wake();
      });
    await store.orders.send(gatewayId, orders[0]!);
    await until(1);
    await server.kill();
    await server.restart();
    for (const order of orders.slice(1)) await recovery(() => store.orders.send(gatewayId, order), 10_000);
    await until(3);
    expect(new Set(got.map((order) => order.callId))).toEqual(new Set(orders.map((order) => order.callId)));
    stop.abort();
    await done;
  });
});

describe('a gateway that stops listening', () => {
  it('leaves no connection behind', async () => {
    const { redis, store } = await setUp(false);
    const connections = async (): Promise<number> =>
      String(await redis.client('LIST'))
        .trim()
        .split('\n').length;
    const before = await connections();
    const stop = new AbortController();
    const done = store.orders.receive(newGateway(), () => {}, stop.signal);
    while ((await connections()) === before) await systemTimers.sleep(10);
    stop.abort();
    await done;
    const until = systemClock.monotonicMs() + 2_000;
    while ((await connections()) !== before && systemClock.monotonicMs() < until) await systemTimers.sleep(10);
    expect(await connections()).toBe(before);
  });
});

describe('a Redis', () => {
  it('that is not there is said to be away, in time', async () => {
    const { server, redis } = await setUp(false);
    redis.disconnect();
    await server.kill();
    const connect = (): Promise<RedisClient> =>
      connectRedis(server.url, 'producer', { logger: silentLogger, readyWithinMs: 500 });
    expect(await tookMs(() => expect(connect()).rejects.toMatchObject({ code: 'redis-unavailable' }))).toBeLessThan(2_000);
  });

  it('that would evict calls is refused by name; so is one that may forget, unless that was said aloud', async () => {
    const { redis } = await setUp(false);
    expect(await checkRedis(redis)).toMatchObject({
      warnings: [],
      version: expect.stringMatching(/^\d+\.\d+/),
      runId: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(checkRedis(redis)).rejects.toMatchObject({
      code: 'redis-unfit',
      message: expect.stringContaining('maxmemory-policy is allkeys-lru'),
    });
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.config('SET', 'appendfsync', 'everysec');
    await expect(checkRedis(redis)).rejects.toMatchObject({
      code: 'redis-unfit',
      message: expect.stringContaining('(DURABILITY=appendfsync-everysec accepts that)'),
    });
    // Another weakness is not meant by that.
    await expect(checkRedis(redis, { accepts: ['no-append-only-file'] })).rejects.toMatchObject({ code: 'redis-unfit' });
    const accepts = readDurability('appendfsync-everysec');
    expect((await checkRedis(redis, { accepts })).warnings).toEqual([expect.stringContaining('appendfsync everysec')]);
    await redis.config('SET', 'appendonly', 'no');
    await expect(checkRedis(redis, { accepts })).rejects.toMatchObject({ code: 'redis-unfit' });
    const weak = await checkRedis(redis, { accepts: readDurability('weak') });
    expect(weak.warnings).toEqual([expect.stringContaining('appendonly no')]);
    // Nobody can accept this one.
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(checkRedis(redis, { accepts: readDurability('weak') })).rejects.toMatchObject({ code: 'redis-unfit' });
  });

  it('that does not tell its appendfsync is refused until somebody answers for it', async () => {
    const { redis } = await setUp(false);
    expect((await checkRedis(redis, { waitReplicas: 0 })).warnings).toEqual([]);
    await redis.acl('SETUSER', 'default', '-config');
    await expect(checkRedis(redis)).rejects.toMatchObject({ message: expect.stringContaining('appendfsync could not be read') });
    expect((await checkRedis(redis, { accepts: ['appendfsync-unknown'] })).warnings).toHaveLength(1);
  });

  it('that can fail over is refused by a process whose commits wait for no replica', async () => {
    const { redis } = await setUp(true);
    await expect(checkRedis(redis, { waitReplicas: 0 })).rejects.toMatchObject({
      message: expect.stringContaining('WAIT_REPLICAS=0'),
    });
    const accepts = readDurability('failover-without-wait');
    expect((await checkRedis(redis, { waitReplicas: 0, accepts })).warnings).toEqual([
      expect.stringContaining('WAIT_REPLICAS=0'),
    ]);
    expect((await checkRedis(redis, { waitReplicas: 1 })).warnings).toEqual([]);
    expect((await checkRedis(redis)).warnings).toEqual([]);
  });

  it('is never said to have begun before it did', async () => {
    const { server: here, store } = await setUp(false);
    const callId = await createSample(store.calls);
    await here.kill();
    const before = systemClock.now();
    await here.restart();
    await recovery(() => store.lives.of(callId), 5_000);
    // At every fraction of a second, for the uptime has none.
    for (const until = systemClock.monotonicMs() + 1_100; systemClock.monotonicMs() < until; await systemTimers.sleep(20)) {
      const { beganAt, now } = await store.lives.of(callId);
      expect(beganAt).toBeGreaterThanOrEqual(before);
      expect(beganAt).toBeLessThanOrEqual(now);
    }
  });

  it('whose replicas do not answer has not taken a critical commit', async () => {
    const { redis } = await setUp(false);
    const store = createRedisStore({
      redis,
      prefix: 'onhook',
      chance: systemChance,
      timers: systemTimers,
      logger: silentLogger,
      options: { waitReplicas: 1, waitReplicasMs: 50 },
    });
    const asked = sampleCall();
    for (const time of ['first', 'again'])
      await expect(store.calls.create(asked, null), time).rejects.toMatchObject({
        code: 'redis-unavailable',
        message: expect.stringContaining('0 of 1 replicas'),
      });
  });

  it('whose replicas are away holds up nothing but what has to wait for them', async () => {
    const { server: here, redis, store } = await setUp(false);
    const critical = await connectRedis(here.url, 'producer', { logger: silentLogger });
    open.push(critical);
    const options = { waitReplicas: 1, waitReplicasMs: 1_000 };
    const careful = createRedisStore({
      redis,
      critical,
      prefix: 'onhook',
      chance: systemChance,
      timers: systemTimers,
      logger: silentLogger,
      options,
    });
    const bridged = await Promise.all(Array.from({ length: 20 }, () => createBridged(store.calls, newLeg())));
    const queued = await Promise.all(Array.from({ length: 5 }, () => createSample(store.calls)));
    const from = sampleCall().to;
    const order: string[] = [];
    const dials = queued.map((callId) =>
      careful.calls
        .apply(callId, { type: 'dial-started', n: 1, from, source: 'dialer' })
        .then(
          () => 'durable',
          (error: unknown) => (error as StoreUnavailable).code,
        )
        .finally(() => order.push('dial')),
    );
    // Ends, callbacks, leases of the same process: none of them stands behind those five, each of which waits a second.
    const asked = { type: 'end-asked', cause: 'operator-ended-call', by: 'operator', source: 'api' } as const;
    const ends = bridged.map((callId) => careful.calls.apply(callId, asked).finally(() => order.push('end')));
    for (const end of await Promise.all(ends)) expect(end?.call.state).toBe('ending');
    expect(order).toEqual(Array(20).fill('end'));
    expect(await Promise.all(dials)).toEqual(Array(5).fill('redis-unavailable'));
  });

  it('that belongs to somebody keeps their data as it is', async () => {
    const { redis, store } = await setUp(false);
    await redis.set('theirs', 'untouched');
    await redis.zadd('other:{a}:due', 1, 'theirs');
    await redis.set('onhook-else:{a}:x', '1');
    const before = await redis.dbsize();
    await applyAll(store.calls, await createSample(store.calls), ordinaryLife(newLeg()));
    expect(await store.calls.due(10)).toEqual([]);
    expect(await redis.get('theirs')).toBe('untouched');
    expect(await redis.zscore('other:{a}:due', 'theirs')).toBe('1');
    expect((await redis.keys('*')).filter((key) => !key.startsWith('onhook:'))).toHaveLength(before);
  });

  it('that answers nonsense is a fault, not an outage, and no number leaks with it', async () => {
    const { redis, store } = await setUp(false);
    const asked = sampleCall();
    await redis.set(`onhook:{${asked.callId[5]}}:due`, 'not a zset');
    const error: unknown = await store.calls.create(asked, null).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'redis-refused', retryable: false });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(asked.to);
  });
});
