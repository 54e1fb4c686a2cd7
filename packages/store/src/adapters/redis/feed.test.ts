import { newCallId } from '@onhook/contracts';
import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import { createSample } from '../../conformance/sample-call.js';
import { connectRedis, createRedisNews, createRedisStore, type RedisClient } from './index.js';

const options = { feedLength: 10 };
let server: TestRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await startRedis({ appendfsync: 'no' });
  redis = await connectRedis(server.url, 'producer', { logger: silentLogger });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

function open(prefix: string) {
  const deps = { redis, prefix, options };
  return {
    ...createRedisStore({ ...deps, chance: systemChance, timers: systemTimers, logger: silentLogger }),
    ...createRedisNews(deps),
  };
}

/** So much news that the feed of its shard forgets the first of it: Redis trims a stream by whole nodes of 100 entries. */
async function muchNews({ calls }: ReturnType<typeof open>): Promise<void> {
  await Promise.all(Array.from({ length: 250 }, () => createSample(calls, { callId: newCallId('c', systemChance.uuidv7()) })));
}

describe('a place in the feed', () => {
  it('is no longer held once what came after it was trimmed', async () => {
    const store = open('trimmed');
    const nothing = await store.feed.end();
    await createSample(store.calls, { callId: newCallId('c', systemChance.uuidv7()) });
    const early = await store.feed.end();
    expect([await store.feed.holds(nothing), await store.feed.holds(early)]).toEqual([true, true]);
    await muchNews(store);
    const late = await store.feed.end();
    expect([await store.feed.holds(nothing), await store.feed.holds(late)]).toEqual([false, true]);
  });

  it('is no longer held by a Redis that has lost its memory', async () => {
    const store = open('lost');
    await createSample(store.calls);
    const place = await store.feed.end();
    await redis.call('FLUSHALL');
    expect(await store.feed.holds(place)).toBe(false);
  });
});

describe('an outbox with an entry that nobody can read', () => {
  it('lets go of it, and says so', async () => {
    const store = open('unreadable');
    await redis.xadd('unreadable:{c}:outbox', '*', 'e', 'no JSON');
    await redis.xadd('unreadable:{c}:outbox', '*', 'e', '{"callId":"somebody"}');
    const callId = await createSample(store.calls);
    const { items, unreadable } = await store.outbox.read(10);
    expect([items.map((item) => item.callId), unreadable]).toEqual([[callId], 2]);
    expect(await store.outbox.length()).toBe(1);
  });
});

describe('what webhooks leave behind', () => {
  it('is nothing once their log has forgotten', async () => {
    const store = { ...open('behind'), ...createRedisNews({ redis, prefix: 'behind', options: { deliveryLogMs: 200 } }) };
    await createSample(store.calls);
    const [item] = (await store.outbox.read(10)).items;
    await store.outbox.relay(item!, 'call.created', ['wh_call' as never]);
    const keys = async () => (await redis.keys('behind:*')).filter((key) => key.includes(':hook'));
    expect((await keys()).length).toBe(3);
    await expect.poll(keys, { timeout: 5_000 }).toEqual([expect.stringContaining(':hook-due')]);
    // The line's due moment is let go of by whoever comes for it.
    const [line] = await store.deliveries
      .due(10, 0)
      .then((lines) => (lines.length > 0 ? lines : [{ callId: item!.callId, endpointId: 'wh_call' as never }]));
    expect(await store.deliveries.claim(line!, 'token', 1_000)).toBeNull();
    expect(await keys()).toEqual([]);
  });
});
