import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import type { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import { addRedisUser } from '../../../../../test/redis-user.js';
import { createSample } from '../../conformance/sample-call.js';
import { connectRedis, createRedisStore } from './index.js';

describe('in a Redis Cluster, a user who may do what deploy/redis-user.acl says', () => {
  let server: TestRedis;
  let redis: Cluster;
  beforeAll(async () => {
    server = await startRedis({ cluster: true, appendfsync: 'no' });
    const url = `redis://${await addRedisUser(server)}@127.0.0.1:${server.port}?cluster=1`;
    redis = (await connectRedis(url, 'producer', { logger: silentLogger })) as Cluster;
  });
  afterAll(async () => {
    redis?.disconnect();
    await server.stop();
  });
  const storeWith = (waitReplicas: number) =>
    createRedisStore({
      redis,
      prefix: 'onhook',
      chance: systemChance,
      timers: systemTimers,
      logger: silentLogger,
      options: { waitReplicas, waitReplicasMs: 50 },
    });

  it('connects and keeps calls', async () => {
    const { calls } = storeWith(0);
    const callId = await createSample(calls);
    expect((await calls.load(callId))?.call.state).toBe('queued');
  });

  it('may be asked to wait for replicas: here there are none, and that alone is the reason', async () => {
    await expect(createSample(storeWith(1).calls)).rejects.toThrow('reached 0 of 1 replicas');
  });
});
