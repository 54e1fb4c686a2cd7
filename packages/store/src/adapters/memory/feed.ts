import { SHARDS } from '@onhook/contracts';
import type { Feed, FeedPosition } from '../../ports/feed.js';
import { NOTHING_SEEN } from '../../record/feed-position.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

/** One stream for all shards: a position counts what was ever written. */
export function createMemoryFeed({ database, faults }: { database: MemoryDatabase; faults: MemoryFaults }): Feed {
  const { feed } = database;
  const positionAt = (count: number): FeedPosition => [`${count}-0`, ...SHARDS.slice(1).map(() => NOTHING_SEEN)];
  const countOf = (position: FeedPosition): number => Number((position[0] ?? NOTHING_SEEN).split('-')[0]);
  return {
    end: () => step(faults, () => positionAt(database.feedTrimmed + feed.length)),
    read: (after, limit) =>
      step(faults, () => {
        const from = Math.max(0, countOf(after) - database.feedTrimmed);
        return feed.slice(from, from + limit).map(({ callId, version, at, event, from: before, state }, i) => ({
          news: { callId, version, at, event, from: before, state },
          position: positionAt(database.feedTrimmed + from + i + 1),
          shard: 0,
        }));
      }),
    holds: (position) =>
      step(faults, () => {
        const count = countOf(position);
        return count >= database.feedTrimmed && count <= database.feedTrimmed + feed.length;
      }),
  };
}
