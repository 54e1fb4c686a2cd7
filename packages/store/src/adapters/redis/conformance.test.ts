import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { startRedis } from '../../../../../test/redis.js';
import { storeConformance, type Harness } from '../../conformance/index.js';
import { createVault, OPEN_VAULT } from '../../vault.js';
import {
  connectRedis,
  createRedisAdmission,
  createRedisAdmissionControl,
  createRedisCampaigns,
  createRedisContacts,
  createRedisApiKeys,
  createRedisDoNotCall,
  createRedisKeptAnswers,
  createRedisNews,
  createRedisQuotas,
  createRedisStats,
  createRedisStore,
  type RedisClient,
} from './index.js';

async function redisHarness(cluster: boolean, vault = OPEN_VAULT): Promise<Harness> {
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
            ...createRedisStore({
              redis,
              prefix,
              vault,
              chance: systemChance,
              timers: systemTimers,
              logger: silentLogger,
              options,
            }),
            answers: createRedisKeptAnswers({ redis, prefix, vault }),
            quotas: createRedisQuotas({ redis, prefix }),
            campaigns: createRedisCampaigns({ redis, prefix }),
            contacts: createRedisContacts({ redis, prefix }),
            control: createRedisAdmissionControl({ redis, prefix, vault }),
            doNotCall: createRedisDoNotCall({ redis, prefix, vault }),
            ...createRedisNews({ redis, prefix, vault, options }),
            apiKeys: createRedisApiKeys({ redis, prefix }),
            stats: createRedisStats({ redis, prefix, vault }),
            admission: (given) => createRedisAdmission({ redis, prefix, vault, ...given }),
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
const dataKeys = [systemChance.bytes(32), systemChance.bytes(32)];
storeConformance('the Redis store in cluster mode, sealed', () =>
  redisHarness(true, createVault({ dataKeys, chance: systemChance })),
);
