import { describe, expect, it } from 'vitest';
import { readFeedPosition, writeFeedPosition } from '../record/feed-position.js';
import { applyAll, createSample, newLeg, ordinaryLife } from './sample-call.js';
import type { Harness } from './world.js';

export function feedConformance(harness: () => Harness): void {
  describe('the feed', () => {
    it('tells all news of a call in order, from wherever one has seen it', async () => {
      const world = await harness().world();
      const [dialer, api] = [await world.open(), await world.open()];
      const before = await api.feed.end();
      const callId = await createSample(dialer.calls);
      await applyAll(dialer.calls, callId, ordinaryLife(newLeg()));
      const items = await api.feed.read(before, 100);
      expect(items.map(({ news }) => news.version)).toEqual(items.map((_, i) => i + 1));
      expect(items.at(0)?.news).toMatchObject({ callId, event: 'created', from: null, state: 'queued' });
      expect(items.at(-1)?.news).toMatchObject({ callId, event: 'settled', from: 'settling', state: 'ended' });
      const third = items[2]!;
      expect((await api.feed.read(third.position, 100)).map(({ news }) => news.version)).toEqual(
        items.slice(3).map(({ news }) => news.version),
      );
      expect(await api.feed.read(items.at(-1)!.position, 100)).toEqual([]);
      expect(await api.feed.read(await api.feed.end(), 100)).toEqual([]);
    });

    it('is read a piece at a time, of many calls at once, and misses none', async () => {
      const { calls, feed } = await (await harness().world()).open();
      const start = await feed.end();
      const callIds = await Promise.all(Array.from({ length: 20 }, () => createSample(calls)));
      const seen: string[] = [];
      let position = start;
      for (let items = await feed.read(position, 2); items.length > 0; items = await feed.read(position, 2)) {
        seen.push(...items.map(({ news }) => news.callId));
        position = items.at(-1)!.position;
      }
      expect(seen.toSorted()).toEqual(callIds.toSorted());
    });

    it('names its places by a text that a header can carry', async () => {
      const { calls, feed } = await (await harness().world()).open();
      await Promise.all([1, 2, 3].map(() => createSample(calls)));
      const end = await feed.end();
      const text = writeFeedPosition(end);
      expect(text).toMatch(/^[\w.]{1,300}$/);
      expect(readFeedPosition(text)).toEqual(end);
      for (const bad of ['', 'x', '0.0', `${text}.0`, text.replace('.', ' '), 'null']) expect(readFeedPosition(bad)).toBeNull();
    });

    it('says whether all that came after a place is still there', async () => {
      const { calls, feed } = await (await harness().world()).open();
      const before = await feed.end();
      await createSample(calls);
      expect(await feed.holds(before)).toBe(true);
      expect(await feed.holds(await feed.end())).toBe(true);
      // A place that never was: of another Redis, or of this one before it lost its memory.
      const never = (await feed.end()).map(() => '99999999999999-7');
      expect(await feed.holds(never)).toBe(false);
    });
  });
}
