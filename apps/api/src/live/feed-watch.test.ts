import { newCallId, SHARDS, type CallId } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import type { Feed, FeedItem, FeedPosition } from '@onhook/store';
import { describe, expect, it } from 'vitest';
import { createFeedWatch, type LiveNews, type Watcher } from './feed-watch.js';

const at = (count: number): FeedPosition => SHARDS.map((_, shard) => (shard === 0 ? `${count}-0` : '0-0'));
const callId = newCallId('a', createSeededChance(1, createVirtualTime()).uuidv7());

/** A feed by hand: what it holds, whether it answers, and how often it was asked. */
function createWorld() {
  const time = createVirtualTime();
  const news: FeedItem[] = [];
  const world = { reads: 0, loads: 0, isDown: false, hasForgotten: false };
  const answer = async <T>(value: () => T): Promise<T> => {
    if (world.isDown) throw new Error('it is down');
    return value();
  };
  const feed: Feed = {
    end: () => answer(() => at(news.length)),
    read: (after) => {
      world.reads++;
      return answer(() => news.slice(Number(after[0]!.split('-')[0])));
    },
    holds: () => answer(() => !world.hasForgotten),
  };
  const calls = {
    load: async (id: CallId) => {
      world.loads++;
      return { call: { callId: id }, version: 1, now: 0 } as never;
    },
  };
  const watch = createFeedWatch({ feed, calls, clock: time, timers: time, logger: silentLogger });
  return Object.assign(world, {
    time,
    watch,
    happen(event = 'created', from: 'queued' | null = null) {
      const version = news.length + 1;
      const item = { callId, version, at: version, event, from, state: 'queued' } as const;
      news.push({ news: item, position: at(version), shard: 0 });
    },
  });
}

function createEars(wants: Watcher['wants'] = () => true): Watcher & { heard: LiveNews[]; gaps: FeedPosition[] } {
  const heard: LiveNews[] = [];
  const gaps: FeedPosition[] = [];
  return { wants, heard, gaps, onNews: (news) => void heard.push(...news), onGap: (position) => void gaps.push(position) };
}

describe('the watch on the feed', () => {
  it('reads once for all who watch, loads a call once for all its news, and rests when nobody does', async () => {
    const world = createWorld();
    const [one, two] = [createEars(), createEars()];
    await world.watch.join(one);
    await world.watch.join(two);
    world.happen();
    world.happen('noted', 'queued');
    await world.time.advance(1_000);
    expect([one, two].map(({ heard }) => heard.map(({ type }) => type))).toEqual([
      ['call.created', 'call.recording_ready'],
      ['call.created', 'call.recording_ready'],
    ]);
    expect(world.loads).toBe(1);
    expect(world.reads).toBeLessThan(9);
    world.watch.leave(one);
    world.watch.leave(two);
    await world.time.advance(1_000);
    const { reads } = world;
    await world.time.advance(10_000);
    expect(world.reads).toBe(reads);
    await world.watch.join(one);
    world.happen();
    await world.time.advance(1_000);
    expect(one.heard).toHaveLength(3);
    await world.watch.close();
  });

  it('loads no call that nobody wants to hear of', async () => {
    const world = createWorld();
    const ears = createEars((type) => type === 'call.ended');
    await world.watch.join(ears);
    world.happen();
    await world.time.advance(1_000);
    expect([ears.heard, world.loads]).toEqual([[], 0]);
    await world.watch.close();
  });

  it('goes on behind an outage, and misses nothing', async () => {
    const world = createWorld();
    const ears = createEars();
    await world.watch.join(ears);
    world.isDown = true;
    world.happen();
    await world.time.advance(5_000);
    world.isDown = false;
    await world.time.advance(2_000);
    expect([ears.heard.length, ears.gaps]).toEqual([1, []]);
    await world.watch.close();
  });

  it('says so if something was forgotten meanwhile, and goes on from there', async () => {
    const world = createWorld();
    const ears = createEars();
    await world.watch.join(ears);
    world.isDown = true;
    world.happen();
    await world.time.advance(5_000);
    world.hasForgotten = true;
    world.isDown = false;
    await world.time.advance(2_000);
    expect([ears.heard, ears.gaps]).toEqual([[], [at(1)]]);
    world.happen();
    await world.time.advance(1_000);
    expect(ears.heard).toHaveLength(1);
    await world.watch.close();
  });

  it('tells what came between two places, or that some of it is gone', async () => {
    const world = createWorld();
    for (let i = 0; i < 3; i++) world.happen();
    const replay = (from: number) => world.watch.replay(at(from), at(2), () => true);
    expect((await replay(0))?.map(({ news }) => news.version)).toEqual([1, 2]);
    expect(await replay(2)).toEqual([]);
    world.hasForgotten = true;
    expect(await replay(0)).toBeNull();
  });
});
