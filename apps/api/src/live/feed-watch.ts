import type { Call } from '@onhook/call';
import { callEventOf, type CallId } from '@onhook/contracts';
import { createSeldom, type Clock, type Logger, type Timers } from '@onhook/service';
import { hasSeen, isNewerSchema, type Calls, type Feed, type FeedItem, type FeedPosition } from '@onhook/store';

/** Something of a call that is no event of its own. */
export const UPDATED = 'call.updated';

export interface LiveNews extends FeedItem {
  readonly type: string;
  /** As it is now. Null: it is gone, or a newer release wrote it. */
  readonly call: Call | null;
}

export interface Watcher {
  wants(type: string, callId: CallId): boolean;
  /** Of one reading, in order. */
  onNews(news: readonly LiveNews[], position: FeedPosition): void;
  /** Some news are gone: what comes next is behind `position`. */
  onGap(position: FeedPosition): void;
}

export interface FeedWatch {
  /** From the returned position on everything is told. @throws StoreUnavailable */
  join(watcher: Watcher): Promise<FeedPosition>;
  leave(watcher: Watcher): void;
  /** What came after `from`, as far as `until`, with the calls as they are now. Null: some of it is gone. */
  replay(from: FeedPosition, until: FeedPosition, wants: Watcher['wants']): Promise<LiveNews[] | null>;
  close(): Promise<void>;
}

export interface FeedWatchDeps {
  readonly feed: Feed;
  readonly calls: Pick<Calls, 'load'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly logger: Logger;
}

/** Also the pace of `call.updated`: a call that changes more often is told of five times a second. */
const READ_EVERY_MS = 200;
const AFTER_FAILURE_MS = 1_000;
/** Of each shard. */
const READ_AT_ONCE = 200;
/** More than this behind is too long a story: whoever asks fetches anew. */
const MOST_REPLAYED = 5_000;

/** One reader of the feed for all who watch: it reads while anybody does, and each call that has news is loaded once for all. */
export function createFeedWatch({ feed, calls, clock, timers, logger }: FeedWatchDeps): FeedWatch {
  const watchers = new Set<Watcher>();
  const seldom = createSeldom({ clock });
  const stopping = new AbortController();
  let position: FeedPosition | null = null;
  let running: Promise<void> | null = null;

  async function join(watcher: Watcher): Promise<FeedPosition> {
    const found = position ?? (await feed.end());
    // Another may have begun meanwhile: there is one place from which all are told.
    position ??= found;
    watchers.add(watcher);
    start();
    return position;
  }

  function start(): void {
    running ??= run().finally(() => {
      running = null;
      // Somebody came in the very moment in which the last one had gone.
      if (watchers.size > 0 && !stopping.signal.aborted) start();
    });
  }

  async function run(): Promise<void> {
    let isSure = true;
    while (watchers.size > 0 && position !== null && !stopping.signal.aborted) {
      try {
        if (!isSure) await findBack(position);
        isSure = true;
        const more = await readOn(position);
        if (!more) await timers.sleep(READ_EVERY_MS, stopping.signal);
      } catch (error) {
        if (seldom('read')) logger.warn({ err: error }, 'the feed could not be read');
        isSure = false;
        await timers.sleep(AFTER_FAILURE_MS, stopping.signal);
      }
    }
    position = null;
  }

  /** After an outage: was anything trimmed, or has Redis lost its memory? */
  async function findBack(before: FeedPosition): Promise<void> {
    if (await feed.holds(before)) return;
    const end = await feed.end();
    position = end;
    for (const watcher of watchers) watcher.onGap(end);
  }

  async function readOn(before: FeedPosition): Promise<boolean> {
    const items = await feed.read(before, READ_AT_ONCE);
    const last = items.at(-1);
    if (!last) return false;
    const news = await withCalls(items, (type, callId) => [...watchers].some((watcher) => watcher.wants(type, callId)));
    position = last.position;
    for (const watcher of watchers) watcher.onNews(news, last.position);
    return items.length >= READ_AT_ONCE;
  }

  async function withCalls(items: readonly FeedItem[], wants: Watcher['wants']): Promise<LiveNews[]> {
    const told = items.map((item) => ({ ...item, type: callEventOf(item.news) ?? UPDATED }));
    const wanted = told.filter(({ type, news }) => wants(type, news.callId));
    const callIds = [...new Set(wanted.map(({ news }) => news.callId))];
    const loaded = new Map(await Promise.all(callIds.map(async (callId) => [callId, await load(callId)] as const)));
    return wanted.map((item) => ({ ...item, call: loaded.get(item.news.callId) ?? null }));
  }

  async function load(callId: CallId): Promise<Call | null> {
    try {
      return (await calls.load(callId))?.call ?? null;
    } catch (error) {
      if (isNewerSchema(error)) return null;
      throw error;
    }
  }

  return {
    join,
    leave: (watcher) => void watchers.delete(watcher),

    async replay(from, until, wants) {
      if (!(await feed.holds(from))) return null;
      const found: FeedItem[] = [];
      let after = from;
      for (;;) {
        const items = await feed.read(after, READ_AT_ONCE);
        const last = items.at(-1);
        const old = items.filter((item) => hasSeen(until, item));
        found.push(...old);
        if (found.length > MOST_REPLAYED) return null;
        if (!last || old.length === 0) break;
        after = last.position;
      }
      return withCalls(found, wants);
    },

    async close() {
      stopping.abort();
      await running;
    },
  };
}
