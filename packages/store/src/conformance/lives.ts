import { describe, expect, it } from 'vitest';
import { createSample } from './sample-call.js';
import type { Harness } from './world.js';

export function livesConformance(harness: () => Harness): void {
  describe('the life of the store', () => {
    it('is the same for every process and every call of one server, and began before its calls', async () => {
      const world = await harness().world();
      const [one, other] = [await world.open(), await world.open()];
      const [first, second] = [await createSample(one.calls), await createSample(one.calls)];
      const life = await one.lives.of(first);
      expect(life.id).not.toBe('');
      expect(await other.lives.of(second)).toMatchObject({ id: life.id });
      expect(life.beganAt).not.toBeNull();
      // Redis counts its uptime in whole seconds, and rather too late than too early.
      expect(life.beganAt).toBeLessThanOrEqual((await one.calls.load(first))!.call.createdAt + 2_000);
      expect(life.now).toBeGreaterThanOrEqual((await one.calls.load(first))!.call.createdAt);
    });
  });
}
