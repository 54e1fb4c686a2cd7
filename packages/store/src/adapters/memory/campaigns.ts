import { isCampaignId, type CampaignId } from '@onhook/contracts';
import { BadCursor } from '../../errors.js';
import type { Campaign, Campaigns, KeptCampaign } from '../../ports/campaigns.js';
import { campaignOf, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryCampaigns({ database, faults = {} }: { database: MemoryDatabase; faults?: MemoryFaults }): Campaigns {
  const { campaigns } = database;

  function write(revision: number, campaign: Campaign): KeptCampaign | null {
    const known = campaigns.get(campaign.id)?.kept ?? null;
    if ((known?.revision ?? 0) !== revision) return null;
    const kept = { campaign: structuredClone(campaign), revision: revision + 1 };
    campaignOf(database, campaign.id).kept = kept;
    return kept;
  }

  function sorted(): KeptCampaign[] {
    return [...campaigns.values()]
      .flatMap(({ kept }) => kept ?? [])
      .toSorted((a, b) => b.campaign.createdAt - a.campaign.createdAt || (a.campaign.id < b.campaign.id ? 1 : -1));
  }

  return {
    create: (campaign) =>
      step(faults, () => {
        const kept = write(0, campaign);
        if (!kept) throw new Error(`there is a campaign with this id: ${campaign.id}`);
        return kept;
      }),
    load: (id) => step(faults, () => campaigns.get(id)?.kept ?? null),
    change: (revision, campaign) => step(faults, () => write(revision, campaign)),
    list: ({ limit, cursor }) =>
      step(faults, () => {
        const all = sorted();
        const at = cursor === null ? -1 : all.findIndex(({ campaign }) => campaign.id === cursor);
        if (cursor !== null && (!isCampaignId(cursor) || at < 0)) throw new BadCursor();
        const page = all.slice(at + 1, at + 1 + limit);
        return { campaigns: page, nextCursor: page.length === limit ? (page.at(-1)?.campaign.id ?? null) : null };
      }),
    remove: (id) =>
      step(faults, () => {
        campaigns.delete(id);
        database.runningCampaigns.delete(id);
      }),
    running: () => step(faults, (): CampaignId[] => [...database.runningCampaigns]),
    setRunning: (id, isRunning) =>
      step(faults, () => void (isRunning ? database.runningCampaigns.add(id) : database.runningCampaigns.delete(id))),
    holdFeeder: (holder, forMs) =>
      step(faults, () => {
        const { feeder } = database;
        const now = database.clock.now();
        if (feeder && feeder.holder !== holder && feeder.until > now) return false;
        database.feeder = { holder, until: now + forMs };
        return true;
      }),
    releaseFeeder: (holder) => step(faults, () => void (database.feeder?.holder === holder && (database.feeder = null))),
  };
}
