import { newCampaignId, isCampaignId, type CampaignId, type E164 } from '@onhook/contracts';
import { silentLogger, systemChance, systemClock } from '@onhook/service';
import { connectRedis, createRedisCampaigns, createRedisContacts } from '../../adapters/redis/index.js';
import { sampleCampaign } from '../../conformance/sample-campaign.js';
import { createVault } from '../../vault.js';

/**
 * What the feeder asks of Redis in one round, for a campaign that has its contacts already and for one of 1 000, in turns.
 * `node main.js <campaign>`; one object on standard output.
 */

const ROUNDS = 400;
const TAKEN = 10;
const SMALL = 1_000;

const [id = ''] = process.argv.slice(2);
if (!isCampaignId(id)) throw new Error('usage: main.js <campaign>');
const { REDIS_URL = '', DATA_KEY = '', ONHOOK_PREFIX: prefix = 'onhook' } = process.env;
const redis = await connectRedis(REDIS_URL, 'producer', { logger: silentLogger });
const vault = createVault({ dataKeys: DATA_KEY === '' ? [] : [Buffer.from(DATA_KEY, 'hex')], chance: systemChance });
const campaigns = createRedisCampaigns({ redis, prefix });
const contacts = createRedisContacts({ redis, prefix, vault });

const small = await makeSmall();
const large = await campaigns.load(id);
if (!large) throw new Error('there is no such campaign');
await campaigns.change(large.revision, { ...large.campaign, state: 'running' });

const took = { small: [] as number[], large: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  took.small.push(await tick(small));
  took.large.push(await tick(id));
}
const tickMs = { small: median(took.small), large: median(took.large) };
process.stdout.write(`${JSON.stringify({ tickRatio: Math.round((tickMs.large / tickMs.small) * 100) / 100, tickMs })}\n`);
redis.disconnect();

/** As apps/dialer/src/feed-campaigns.ts asks, without the calls that it makes: these cost the same for all. */
async function tick(campaign: CampaignId): Promise<number> {
  const beganAt = systemClock.monotonicMs();
  await campaigns.load(campaign);
  await Promise.all([contacts.counts(campaign), contacts.feeding(campaign)]);
  const waiting = await contacts.waiting(campaign);
  const zones = waiting[0]?.zones ?? [];
  for (const { batch } of await contacts.take(campaign, zones, TAKEN)) await contacts.fed(campaign, batch);
  const ms = systemClock.monotonicMs() - beganAt;
  // The small one is never empty.
  if (campaign === small && (waiting[0]?.count ?? 0) < 100) await fill(small);
  return ms;
}

async function makeSmall(): Promise<CampaignId> {
  const campaign = sampleCampaign({ id: newCampaignId(systemChance.uuidv7()), state: 'running' });
  await campaigns.create(campaign);
  await fill(campaign.id);
  return campaign.id;
}

async function fill(campaign: CampaignId): Promise<void> {
  for (let at = 0; at < SMALL; at += 100) {
    const block = Array.from({ length: 100 }, () => ({
      to: `+1415${2_000_000 + Math.floor(systemChance.fraction() * 7_000_000)}` as E164,
      name: 'Ada Lovelace',
      externalId: `customer-${systemChance.uuid().slice(0, 12)}`,
      timeZone: null,
      variables: { slot: 'noon', doctor: 'Okafor', city: 'Salem' },
    }));
    await contacts.add(campaign, ['America/Los_Angeles'], block, systemChance.uuid());
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
