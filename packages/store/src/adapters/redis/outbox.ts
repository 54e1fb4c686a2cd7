import { isCallId, SHARDS, shardOf, type Shard } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { StoreOptions } from '../../options.js';
import type { Outbox, OutboxItem } from '../../ports/webhooks.js';
import { lineMember, newDelivery } from '../../record/delivery-codec.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';
import { askShards } from './shards.js';
import { readEntries, type StreamEntry } from './stream-entries.js';

export interface OutboxDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly options: Pick<StoreOptions, 'deliveryLogMs'>;
}

export function createRedisOutbox({ redis, keys, options }: OutboxDeps): Outbox {
  async function read(limit: number): Promise<{ items: OutboxItem[]; unreadable: number }> {
    const shards = await askShards(async (shard) => {
      const entries = readEntries(await ask(() => redis.xrange(keys.outbox(shard), '-', '+', 'COUNT', limit)), 'e');
      const items = entries.map((entry) => ({ entry, item: itemOf(entry) }));
      const unreadable = items.filter(({ item }) => item === null).map(({ entry }) => entry.id);
      // It would stand there for ever, and be counted as waiting.
      if (unreadable.length > 0) await take(shard, unreadable);
      return { items: items.flatMap(({ item }) => (item ? [item] : [])), unreadable: unreadable.length };
    });
    return {
      items: shards.flatMap(({ items }) => items),
      unreadable: shards.reduce((sum, { unreadable }) => sum + unreadable, 0),
    };
  }

  const take = (shard: Shard, ids: readonly string[]): Promise<unknown> => ask(() => redis.xdel(keys.outbox(shard), ...ids));

  return {
    read,

    async relay({ callId, position, news }, type, endpointIds) {
      const shard = shardOf(callId);
      const lines = endpointIds.map((endpointId) => ({ callId, endpointId }));
      const named = [keys.outbox(shard), keys.hookLog(shard), keys.hookDue(shard), ...lines.map(keys.hookLine)];
      const args = [position, news.version, newDelivery(type, news.at), options.deliveryLogMs, ...lines.map(lineMember)];
      return (await runScript(redis, scripts.hookRelay, named, args)) === 1;
    },

    async drop(items) {
      await Promise.all(
        SHARDS.map(async (shard) => {
          const ids = items.filter(({ callId }) => shardOf(callId) === shard).map(({ position }) => position);
          if (ids.length > 0) await take(shard, ids);
        }),
      );
    },

    async length() {
      const lengths = await askShards((shard) => ask(() => redis.xlen(keys.outbox(shard))));
      return lengths.reduce((sum, length) => sum + length, 0);
    },
  };
}

function itemOf({ id, json }: StreamEntry): OutboxItem | null {
  const { callId, version, at, event, from, state, hook } = (json ?? {}) as Partial<OutboxItem['news']> & { callId?: unknown };
  if (typeof callId !== 'string' || !isCallId(callId)) return null;
  if (typeof version !== 'number' || typeof at !== 'number' || typeof event !== 'string' || state === undefined) return null;
  return { callId, position: id, news: { version, at, event, from: from ?? null, state, ...(hook && { hook }) } };
}
