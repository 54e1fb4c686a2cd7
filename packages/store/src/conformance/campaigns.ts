import { describe, expect, it } from 'vitest';
import { sampleCampaign } from './sample-campaign.js';
import type { Harness } from './world.js';

export function campaignConformance(harness: () => Harness): void {
  const open = async () => {
    const world = await harness().world();
    return { world, campaigns: (await world.open()).campaigns, others: (await world.open()).campaigns };
  };

  describe('campaigns', () => {
    it('are changed by whoever has seen the last change, and by nobody else', async () => {
      const { campaigns, others } = await open();
      const campaign = sampleCampaign();
      expect(await campaigns.load(campaign.id)).toBeNull();
      const first = await campaigns.create(campaign);
      expect(await others.load(campaign.id)).toEqual(first);
      const second = await others.change(first.revision, { ...campaign, state: 'running' });
      expect(second).toMatchObject({ campaign: { state: 'running' }, revision: first.revision + 1 });
      expect(await campaigns.change(first.revision, { ...campaign, name: 'late' })).toBeNull();
      expect(await campaigns.load(campaign.id)).toEqual(second);
      await expect(campaigns.create(campaign)).rejects.toThrow(Error);
    });

    it('are listed, newest first, page by page, until they are removed', async () => {
      const { campaigns } = await open();
      const made = [1, 2, 3].map((n) => sampleCampaign({ createdAt: 1_700_000_000_000 + n, name: `c${n}` }));
      for (const campaign of made) await campaigns.create(campaign);
      const page = await campaigns.list({ limit: 2, cursor: null });
      expect(page.campaigns.map(({ campaign }) => campaign.name)).toEqual(['c3', 'c2']);
      const rest = await campaigns.list({ limit: 2, cursor: page.nextCursor });
      expect(rest).toMatchObject({ campaigns: [{ campaign: { name: 'c1' } }], nextCursor: null });
      await campaigns.remove(made[1]!.id);
      expect(await campaigns.load(made[1]!.id)).toBeNull();
      expect((await campaigns.list({ limit: 9, cursor: null })).campaigns).toHaveLength(2);
      await expect(campaigns.list({ limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'bad-cursor' });
    });

    it('that run are known to the feeder, of which there is one at a time', async () => {
      const { world, campaigns, others } = await open();
      const { id } = sampleCampaign();
      await campaigns.setRunning(id, true);
      await campaigns.setRunning(id, true);
      expect(await others.running()).toEqual([id]);
      await campaigns.setRunning(id, false);
      expect(await others.running()).toEqual([]);

      expect(await campaigns.holdFeeder('one', 300)).toBe(true);
      expect(await others.holdFeeder('other', 300)).toBe(false);
      expect(await campaigns.holdFeeder('one', 300)).toBe(true);
      await world.passMs(400);
      expect(await others.holdFeeder('other', 300)).toBe(true);
      await campaigns.releaseFeeder('one');
      expect(await campaigns.holdFeeder('one', 300)).toBe(false);
      await others.releaseFeeder('other');
      expect(await campaigns.holdFeeder('one', 300)).toBe(true);
    });
  });
}
