import { SHARDS, type Shard } from '@onhook/contracts';

/**
 * Asks every shard. All questions leave before the first answer comes (ioredis writes them one behind the other), so it costs one
 * round trip, and in a cluster each goes to its own node, which one pipeline could not.
 */
export function askShards<T>(question: (shard: Shard) => Promise<T>): Promise<T[]> {
  return Promise.all(SHARDS.map(question));
}
