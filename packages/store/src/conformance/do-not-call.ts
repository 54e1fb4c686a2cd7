import type { E164 } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { BOTH, nextNumber, request } from './admission-request.js';
import { newAccount } from './sample-call.js';
import type { Harness } from './world.js';

export function doNotCallConformance(harness: () => Harness): void {
  describe('the do-not-call list', () => {
    it('keeps who asked and since when, and counts what was new', async () => {
      const world = await harness().world();
      const [{ doNotCall }, other] = [await world.open(), await world.open()];
      const account = newAccount();
      const [one, two] = [nextNumber(), nextNumber()];
      expect(await doNotCall.find(account, one)).toBeNull();
      expect(await doNotCall.add(account, [{ number: one, note: 'by letter' }])).toBe(1);
      expect(await doNotCall.add(account, [{ number: one, note: 'again' }, { number: two }, { number: two }])).toBe(1);
      const found = await other.doNotCall.find(account, one);
      expect(found).toMatchObject({ number: one, note: 'by letter' });
      expect(found?.since).toBeGreaterThan(1_000_000_000);
      expect(await doNotCall.find(account, two)).toMatchObject({ number: two, note: null });
      expect(await doNotCall.find(newAccount(), one)).toBeNull();
      expect(await doNotCall.remove(account, [one, one, nextNumber()])).toBe(1);
      expect(await doNotCall.remove(account, [])).toBe(0);
      expect(await doNotCall.find(account, one)).toBeNull();
    });

    it('is what admission obeys', async () => {
      const store = await (await harness().world()).open();
      const account = newAccount();
      const asked = request(account);
      await store.doNotCall.add(account, [{ number: asked.to }]);
      const admission = store.admission({ ...BOTH, limits: {} });
      expect(await admission.ask(asked)).toMatchObject({ verdict: 'refused', cause: 'do-not-call' });
      await store.doNotCall.remove(account, [asked.to]);
      expect((await admission.ask(asked)).verdict).toBe('granted');
    });

    it('is read a page at a time, and nothing is left out', async () => {
      const { doNotCall } = await (await harness().world()).open();
      const account = newAccount();
      const numbers = Array.from({ length: 700 }, nextNumber);
      await doNotCall.add(
        account,
        numbers.map((number) => ({ number })),
      );
      const seen = new Set<E164>();
      let pages = 0;
      for (let cursor: string | null = null; ; pages++) {
        const page: Awaited<ReturnType<typeof doNotCall.page>> = await doNotCall.page(account, { limit: 60, cursor });
        for (const { number } of page.entries) seen.add(number);
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect([...seen].toSorted()).toEqual(numbers.toSorted());
      expect(pages).toBeGreaterThan(3);
      expect(await doNotCall.page(newAccount(), { limit: 10, cursor: null })).toEqual({ entries: [], nextCursor: null });
      await expect(doNotCall.page(account, { limit: 10, cursor: 'x' })).rejects.toThrow('cursor');
      expect(await doNotCall.adopt(account)).toBe(0);
    });
  });
}
