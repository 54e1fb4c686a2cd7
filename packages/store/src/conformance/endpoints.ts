import { newEndpointId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import type { WebhookEndpoint } from '../ports/webhooks.js';
import type { Harness } from './world.js';

export function sampleEndpoint(change: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    id: newEndpointId(systemChance.uuidv7()),
    url: 'https://hook.example/ü',
    description: '',
    types: ['call.*'],
    secrets: [{ secret: 'whsec_c2VjcmV0', until: null }],
    createdAt: 1_000,
    disabled: null,
    failingSince: null,
    ...change,
  };
}

export function endpointConformance(harness: () => Harness): void {
  describe('webhook endpoints', () => {
    it('come back as they were added, oldest first, for every process', async () => {
      const world = await harness().world();
      const [one, two] = [await world.open(), await world.open()];
      const [newer, older] = [sampleEndpoint({ createdAt: 2_000 }), sampleEndpoint()];
      expect(await one.endpoints.add(newer, 10)).toBe('added');
      expect(await one.endpoints.add(older, 10)).toBe('added');
      expect(await two.endpoints.list()).toEqual([older, newer]);
      expect(await two.endpoints.load(newer.id)).toEqual(newer);
      expect(await two.endpoints.load(sampleEndpoint().id)).toBeNull();
    });

    it('are no more than are allowed, and none is added over another', async () => {
      const { endpoints } = await (await harness().world()).open();
      const first = sampleEndpoint();
      expect(await endpoints.add(first, 1)).toBe('added');
      expect(await endpoints.add(sampleEndpoint(), 1)).toBe('full');
      expect(await endpoints.add({ ...first, url: 'https://other.example' }, 10)).toBe('exists');
      expect(await endpoints.list()).toEqual([first]);
    });

    it('lose no change when many change them at once', async () => {
      const world = await harness().world();
      const { endpoints } = await world.open();
      const { id } = sampleEndpoint();
      await endpoints.add(sampleEndpoint({ id, description: '' }), 10);
      const add = (letter: string) => endpoints.change(id, (was) => ({ ...was, description: was.description + letter }));
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map(add));
      expect([...(await endpoints.load(id))!.description].toSorted().join('')).toBe('abcde');
    });

    it('can be removed, once', async () => {
      const { endpoints } = await (await harness().world()).open();
      const endpoint = sampleEndpoint();
      await endpoints.add(endpoint, 10);
      expect([await endpoints.remove(endpoint.id), await endpoints.remove(endpoint.id)]).toEqual([true, false]);
      expect(await endpoints.change(endpoint.id, (was) => was)).toBeNull();
      expect(await endpoints.list()).toEqual([]);
    });
  });
}
