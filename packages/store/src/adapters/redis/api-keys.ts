import { createKeys } from '../../keys.js';
import type { ApiKeys, KeptApiKey } from '../../ports/api-keys.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

export function createRedisApiKeys({ redis, prefix }: { redis: RedisClient; prefix: string }): ApiKeys {
  const keys = createKeys(prefix);
  return {
    async put(key) {
      await ask(() => redis.hset(keys.apiKeys(), key.id, JSON.stringify(key)));
    },
    async find(id) {
      const text = await ask(() => redis.hget(keys.apiKeys(), id));
      return text === null ? null : read(text);
    },
    async list() {
      const [all, used] = await Promise.all([
        ask(() => redis.hgetall(keys.apiKeys())),
        ask(() => redis.hgetall(keys.apiKeysUsed())),
      ]);
      const found = Object.values(all).map((text) => read(text));
      return found
        .toSorted((a, b) => a.createdAt - b.createdAt)
        .map((key) => ({ ...key, lastUsedAt: used[key.id] === undefined ? null : Number(used[key.id]) }));
    },
    async remove(id) {
      const removed = await ask(() => redis.hdel(keys.apiKeys(), id));
      await ask(() => redis.hdel(keys.apiKeysUsed(), id));
      return removed === 1;
    },
    async used(id, at) {
      await ask(() => redis.hset(keys.apiKeysUsed(), id, at));
    },
  };
}

function read(text: string): KeptApiKey {
  return JSON.parse(text) as KeptApiKey;
}
