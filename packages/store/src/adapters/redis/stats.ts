import { createKeys } from '../../keys.js';
import type { CallStats } from '../../ports/stats.js';
import { daysOf, statsRows } from '../../record/stats-rows.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { askShards } from './shards.js';

export function createRedisStats({
  redis,
  prefix,
  vault = OPEN_VAULT,
}: {
  redis: RedisClient;
  prefix: string;
  /** The one of `createRedisStore`: it names numbers. */
  vault?: Vault;
}): CallStats {
  const keys = createKeys(prefix);
  return {
    async read({ from, to, by, numbers = [] }) {
      const fields: [number, string, number][] = [];
      // A day at a time, so that a long span holds nobody else up.
      for (const day of daysOf(from, to)) {
        const shards = await askShards((shard) => ask(() => redis.hgetall(keys.stats(shard, day))));
        for (const shard of shards)
          for (const [field, amount] of Object.entries(shard)) fields.push([day, field, Number(amount)]);
      }
      const known = new Map(numbers.map((number) => [vault.nameOf(number), number]));
      return statsRows(fields, { from, to, by }, (name) => (by === 'from' ? known.get(name) : name));
    },
  };
}
