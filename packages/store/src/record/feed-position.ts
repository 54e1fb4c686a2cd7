import { SHARDS } from '@onhook/contracts';
import type { FeedItem, FeedPosition } from '../ports/feed.js';

/** Each shard's stream id; `0-0` where nothing was seen. Streams of Redis name their entries by milliseconds and a count. */
export const NOTHING_SEEN = '0-0';

/** Short enough for a header: base 36, shards in order, `0` for nothing. */
export function writeFeedPosition(position: FeedPosition): string {
  return position
    .map((id) => {
      const [ms = 0, count = 0] = id.split('-').map(Number);
      return count === 0 ? ms.toString(36) : `${ms.toString(36)}_${count.toString(36)}`;
    })
    .join('.');
}

/** Null: no position of ours. */
export function readFeedPosition(text: string): FeedPosition | null {
  const parts = text.split('.');
  if (parts.length !== SHARDS.length || !parts.every((part) => /^[0-9a-z]{1,9}(?:_[0-9a-z]{1,6})?$/.test(part))) return null;
  return parts.map((part) => {
    const [ms = '0', count = '0'] = part.split('_');
    return `${parseInt(ms, 36)}-${parseInt(count, 36)}`;
  });
}

export function compareStreamIds(a: string, b: string): number {
  const [aMs = 0, aCount = 0] = a.split('-').map(Number);
  const [bMs = 0, bCount = 0] = b.split('-').map(Number);
  return aMs - bMs || aCount - bCount;
}

/** Whether who stands at `position` has seen it. */
export function hasSeen(position: FeedPosition, { position: place, shard }: Pick<FeedItem, 'position' | 'shard'>): boolean {
  return compareStreamIds(place[shard] ?? NOTHING_SEEN, position[shard] ?? NOTHING_SEEN) <= 0;
}

/** Puts what each shard has into one order, by time, and gives each its place. */
export function inFeedOrder<News>(
  after: FeedPosition,
  shards: readonly (readonly { readonly id: string; readonly news: News | null }[])[],
): { news: News; position: FeedPosition; shard: number }[] {
  const all = shards.flatMap((items, shard) => items.map((item) => ({ ...item, shard })));
  all.sort((a, b) => compareStreamIds(a.id, b.id) || a.shard - b.shard);
  const position = [...after];
  const ordered: { news: News; position: FeedPosition; shard: number }[] = [];
  for (const { id, news, shard } of all) {
    position[shard] = id;
    if (news !== null) ordered.push({ news, position: [...position], shard });
  }
  return ordered;
}
