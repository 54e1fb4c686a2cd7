import { describe, expect, it } from 'vitest';
import { happens, type Harness } from './world.js';

const asked = { account: 'default', key: 'order-8841', fingerprint: 'this' };

export function requestConformance(harness: () => Harness): void {
  describe('answers that are kept', () => {
    it('the first one does the work, the others wait for it and are then told what it was told', async () => {
      const world = await harness().world();
      const [one, other] = [(await world.open()).answers, (await world.open()).answers];
      expect(await one.begin(asked, 'run-1')).toEqual({ outcome: 'new' });
      expect(await other.begin(asked, 'run-2')).toEqual({ outcome: 'running' });
      await one.keep(asked, 'run-1', '{"name":"Grüße"}');
      expect(await other.begin(asked, 'run-2')).toEqual({ outcome: 'done', answer: '{"name":"Grüße"}' });
    });

    it('the same key for something else is a conflict, running or done; for another account it is another key', async () => {
      const { answers } = await (await harness().world()).open();
      await answers.begin(asked, 'run-1');
      const other = { ...asked, fingerprint: 'that' };
      expect(await answers.begin(other, 'run-2')).toEqual({ outcome: 'conflict' });
      await answers.keep(asked, 'run-1', 'done');
      expect(await answers.begin(other, 'run-2')).toEqual({ outcome: 'conflict' });
      expect(await answers.begin({ ...other, account: 'second' }, 'run-3')).toEqual({ outcome: 'new' });
    });

    it('what was forgotten may be tried again, and nobody forgets or keeps for somebody else', async () => {
      const { answers } = await (await harness().world()).open();
      await answers.begin(asked, 'run-1');
      await answers.forget(asked, 'run-2');
      await answers.keep(asked, 'run-2', 'not mine');
      expect(await answers.begin(asked, 'run-3')).toEqual({ outcome: 'running' });
      await answers.forget(asked, 'run-1');
      expect(await answers.begin(asked, 'run-3')).toEqual({ outcome: 'new' });
    });

    it('a question that the client library repeats is the same one', async () => {
      const { answers } = await (await harness().world()).open();
      expect(await answers.begin(asked, 'run-1')).toEqual({ outcome: 'new' });
      expect(await answers.begin(asked, 'run-1')).toEqual({ outcome: 'new' });
    });

    it('of twenty at once exactly one does the work', async () => {
      const world = await harness().world();
      const stores = await Promise.all([world.open(), world.open()]);
      const begun = await Promise.all(Array.from({ length: 20 }, (_, i) => stores[i % 2]!.answers.begin(asked, `run-${i}`)));
      expect(begun.filter(({ outcome }) => outcome === 'new')).toHaveLength(1);
      expect(begun.filter(({ outcome }) => outcome === 'running')).toHaveLength(19);
    });
  });

  describe('quotas', () => {
    it('are shared by all processes, and never give more than there is', async () => {
      const world = await harness().world();
      // All of it within one minute of the clock, so that no new one begins in between.
      const { quotas } = await world.open();
      const early = async (): Promise<boolean> => (await quotas.take('clock', 1, 1_000_000)).resetsInMs > 5_000;
      expect(await happens(world, 10_000, early)).toBe(true);
      const [one, other] = [quotas, (await world.open()).quotas];
      expect(await one.take('key', 7, 10)).toMatchObject({ taken: 7, left: 3 });
      expect(await other.take('key', 7, 10)).toMatchObject({ taken: 3, left: 0 });
      const none = await one.take('key', 7, 10);
      expect(none).toMatchObject({ taken: 0, left: 0 });
      expect(none.resetsInMs).toBeGreaterThan(0);
      expect(none.resetsInMs).toBeLessThanOrEqual(60_000);
      expect(await one.take('another', 1, 10)).toMatchObject({ taken: 1, left: 9 });
    });
  });
}
