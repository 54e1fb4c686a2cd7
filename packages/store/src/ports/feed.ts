import type { CallId, CallNews } from '@onhook/contracts';

/** A place in the feed of all shards. Opaque; `@onhook/store` writes and reads it as text. */
export type FeedPosition = readonly string[];

/** What may be missed: every commit that is worth a word, of all calls. */
export interface FeedNews extends CallNews {
  readonly callId: CallId;
  readonly version: number;
  readonly at: number;
}

export interface FeedItem {
  readonly news: FeedNews;
  /** Behind it, and behind all that were returned before it. */
  readonly position: FeedPosition;
  /** Which of the position's places is its own. */
  readonly shard: number;
}

export interface Feed {
  /** Behind the newest. */
  end(): Promise<FeedPosition>;
  /** What came after it, the oldest of each shard, at most so many each. Of one call always in order. */
  read(after: FeedPosition, limit: number): Promise<FeedItem[]>;
  /** Whether all that came after it is still there. */
  holds(position: FeedPosition): Promise<boolean>;
}
