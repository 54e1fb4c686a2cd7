import { describe, expect, it } from 'vitest';
import type { KeptApiKey } from '../ports/api-keys.js';
import type { Harness } from './world.js';

const kept = (id: string, createdAt: number): KeptApiKey => ({
  id,
  name: `key ${id}`,
  scopes: ['calls:read'],
  createdAt,
  expiresAt: null,
  hash: `hash of ${id}`,
  previous: null,
});

export function apiKeysConformance(harness: () => Harness): void {
  describe('API keys', () => {
    it('are found by every process, replaced by their id, and gone when removed', async () => {
      const world = await harness().world();
      const [one, other] = [(await world.open()).apiKeys, (await world.open()).apiKeys];
      expect(await one.find('a')).toBeNull();
      await one.put(kept('a', 1));
      expect(await other.find('a')).toEqual(kept('a', 1));
      const rotated = { ...kept('a', 1), hash: 'another', previous: { hash: 'hash of a', until: 9 } };
      await other.put(rotated);
      expect(await one.find('a')).toEqual(rotated);
      expect([await other.remove('a'), await one.remove('a')]).toEqual([true, false]);
      expect(await one.find('a')).toBeNull();
    });

    it('are listed oldest first, with their last use', async () => {
      const { apiKeys } = await (await harness().world()).open();
      await apiKeys.put(kept('b', 2));
      await apiKeys.put(kept('a', 3));
      await apiKeys.put(kept('c', 1));
      await apiKeys.used('b', 77);
      await apiKeys.used('gone', 78);
      expect((await apiKeys.list()).map(({ id, lastUsedAt }) => [id, lastUsedAt])).toEqual([
        ['c', null],
        ['b', 77],
        ['a', null],
      ]);
    });
  });
}
