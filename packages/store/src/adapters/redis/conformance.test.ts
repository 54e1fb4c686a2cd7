import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { startRedis } from '../../../../../test/redis.js';
import { storeConformance, type Harness } from '../../conformance/index.js';
import { connectRedis, createRedisAdmission, createRedisAdmissionControl, createRedisStore, type RedisClient } from './index.js';

async function redisHarness(cluster: boolean): Promise<Harness> {
  const server = await startRedis({ cluster, appendfsync: 'no' });
  const open: RedisClient[] = [];
  return {
    async world(options = {}) {
      const prefix = `test-${systemChance.uuid().slice(0, 8)}`;
      return {
        async open() {
          const redis = await connectRedis(cluster ? `${server.url}?cluster=1` : server.url, 'producer', {
            logger: silentLogger,
          });
          open.push(redis);
          return {
            ...createRedisStore({ redis, prefix, chance: systemChance, timers: systemTimers, logger: silentLogger, options }),
            control: createRedisAdmissionControl({ redis, prefix }),
            admission: (given) => createRedisAdmission({ redis, prefix, ...given }),
          };
        },
        passMs: (ms) => systemTimers.sleep(ms),
      };
    },
    async close() {
      for (const redis of open) redis.disconnect();
      await server.stop();
    },
  };
}

storeConformance('the Redis store', () => redisHarness(false));
storeConformance('the Redis store in cluster mode', () => redisHarness(true));
