import { isCampaignId, type CampaignId } from '@onhook/contracts';
import { BadCursor } from '../../errors.js';
import { createKeys, type CampaignKey } from '../../keys.js';
import type { Campaign, Campaigns, KeptCampaign } from '../../ports/campaigns.js';
import { ask } from './ask.js';
import { campaignScripts, waitingName } from './campaign-scripts.js';
import type { RedisClient } from './connect.js';
import { runScript } from './scripts.js';

const KEPT: readonly CampaignKey[] = [
  'counts',
  'blocks',
  'seen',
  'left',
  'feeding',
  'marks',
  'open',
  'codes',
  'series',
  'held',
  'recent',
];

export function createRedisCampaigns({ redis, prefix }: { redis: RedisClient; prefix: string }): Campaigns {
  const keys = createKeys(prefix);

  async function write(expected: string, campaign: Campaign): Promise<KeptCampaign | null> {
    const args = [expected, campaign.state, JSON.stringify(campaign)];
    const revision = Number(await runScript(redis, campaignScripts.change, [keys.campaign(campaign.id)('def')], args));
    return revision === 0 ? null : { campaign, revision };
  }

  async function load(id: CampaignId): Promise<KeptCampaign | null> {
    const [revision, json] = await ask(() => redis.hmget(keys.campaign(id)('def'), 'r', 'j'));
    return json ? { campaign: JSON.parse(json) as Campaign, revision: Number(revision) } : null;
  }

  return {
    load,
    async create(campaign) {
      // In the listing first: a campaign that nobody finds would stay for ever; one that is not there is left out.
      await ask(() => redis.zadd(keys.campaigns('index'), campaign.createdAt, campaign.id));
      const kept = await write('', campaign);
      if (!kept) throw new Error(`there is a campaign with this id: ${campaign.id}`);
      return kept;
    },
    change: (revision, campaign) => write(String(revision), campaign),
    async list({ limit, cursor }) {
      if (cursor !== null && !isCampaignId(cursor)) throw new BadCursor();
      const rank = cursor === null ? -1 : await ask(() => redis.zrevrank(keys.campaigns('index'), cursor));
      if (rank === null) throw new BadCursor();
      const ids = await ask(() => redis.zrevrange(keys.campaigns('index'), rank + 1, rank + limit));
      const found = await Promise.all(ids.map((id) => load(id as CampaignId)));
      return {
        campaigns: found.filter((kept) => kept !== null),
        nextCursor: ids.length === limit ? (ids.at(-1) ?? null) : null,
      };
    },
    async remove(id) {
      const of = keys.campaign(id);
      await ask(() => redis.srem(keys.campaigns('running'), id));
      await ask(() => redis.del(of('def')));
      const zones = await ask(() => redis.hkeys(of('left')));
      await ask(() => redis.unlink(...KEPT.map(of), ...zones.map((text) => of(waitingName(text)))));
      await ask(() => redis.zrem(keys.campaigns('index'), id));
    },
    async running() {
      return (await ask(() => redis.smembers(keys.campaigns('running')))) as CampaignId[];
    },
    async setRunning(id, isRunning) {
      const key = keys.campaigns('running');
      await ask(() => (isRunning ? redis.sadd(key, id) : redis.srem(key, id)));
    },
    async holdFeeder(holder, forMs) {
      const key = keys.campaigns('feeder');
      if ((await ask(() => redis.set(key, holder, 'PX', forMs, 'NX'))) === 'OK') return true;
      if ((await ask(() => redis.get(key))) !== holder) return false;
      // Between the two it may have run out and been taken: all that is done under it may be done twice.
      return (await ask(() => redis.pexpire(key, forMs))) === 1;
    },
    async releaseFeeder(holder) {
      const key = keys.campaigns('feeder');
      if ((await ask(() => redis.get(key))) === holder) await ask(() => redis.del(key));
    },
  };
}
