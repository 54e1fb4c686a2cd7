import { isCallId, SHARDS } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { Feed, FeedNews } from '../../ports/feed.js';
import { inFeedOrder, NOTHING_SEEN } from '../../record/feed-position.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { askShards } from './shards.js';
import { readEntries } from './stream-entries.js';

export interface FeedDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** From so many entries on Redis may have trimmed some. */
  readonly feedLength: number;
}

export function createRedisFeed({ redis, keys, feedLength }: FeedDeps): Feed {
  return {
    end: () =>
      askShards(
        async (shard) => (await ask(() => redis.xrevrange(keys.feed(shard), '+', '-', 'COUNT', 1)))[0]?.[0] ?? NOTHING_SEEN,
      ),

    async read(after, limit) {
      const shards = await askShards(async (shard) => {
        const from = `(${after[SHARDS.indexOf(shard)] ?? NOTHING_SEEN}`;
        const entries = readEntries(await ask(() => redis.xrange(keys.feed(shard), from, '+', 'COUNT', limit)), 'e');
        return entries.map(({ id, json }) => ({ id, news: newsOf(json) }));
      });
      return inFeedOrder(after, shards);
    },

    async holds(position) {
      const held = await askShards(async (shard) => {
        const seen = position[SHARDS.indexOf(shard)] ?? NOTHING_SEEN;
        // What was seen last is still there, so nothing behind it is gone: a stream is trimmed from its beginning.
        if (seen !== NOTHING_SEEN) return (await ask(() => redis.xrange(keys.feed(shard), seen, seen))).length === 1;
        return (await ask(() => redis.xlen(keys.feed(shard)))) < feedLength;
      });
      return held.every(Boolean);
    },
  };
}

function newsOf(json: unknown): FeedNews | null {
  const { callId, version, at, event, from, state } = (json ?? {}) as Partial<FeedNews>;
  if (typeof callId !== 'string' || !isCallId(callId)) return null;
  if (typeof version !== 'number' || typeof at !== 'number' || typeof event !== 'string' || state === undefined) return null;
  // A release before this one did not say what the state was before: as if it had not changed.
  return { callId, version, at, event, from: from === undefined ? state : from, state };
}
