import { createCallingClock } from '@onhook/campaign';
import { campaignRoutes, newCampaignId, type CampaignId, type CreateCampaignBody } from '@onhook/contracts';
import {
  BLOCK_SIZE,
  termsOf,
  type Campaign,
  type Campaigns,
  type Contacts,
  type KeptCampaign,
  type NewContact,
} from '@onhook/store';
import type { ApiDeps } from '../api-deps.js';
import { createCampaignOrders, type Ordered } from '../campaigns/campaign-orders.js';
import { campaignView } from '../campaigns/campaign-view.js';
import { readCampaign } from '../campaigns/read-campaign.js';
import { fromObject } from '../contacts/contact-rows.js';
import { createReadContact } from '../contacts/read-contact.js';
import type { LimitsInForce } from '../limits-in-force.js';
import type { FieldError } from '../problems.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

export type CampaignDeps = Pick<ApiDeps, 'control' | 'agents' | 'clock' | 'timers' | 'chance' | 'logger' | 'settings'> & {
  readonly campaigns: Campaigns;
  readonly contacts: Contacts;
  readonly limits: Pick<LimitsInForce, 'current'>;
  readonly within: Within;
};

const MOST_ERRORS = 20;

/** `/v1/campaigns…`; their contacts: campaign-contacts.ts. */
export function addCampaignRoutes(serve: Serve, deps: CampaignDeps): void {
  const { campaigns, contacts, control, agents, clock, chance, logger, settings, limits, within } = deps;
  const orders = createCampaignOrders(deps);
  const reading = () => ({ agents, fromNumbers: settings.fromNumbers, nowMs: clock.now() });
  const view = async (kept: KeptCampaign) => campaignView(kept, await within(contacts.counts(kept.campaign.id)));

  async function answer(ordered: Ordered) {
    if (ordered.outcome === 'not-found') return refusal('not-found');
    if (ordered.outcome === 'conflict') return refusal('campaign-state-conflict', { detail: `it is ${ordered.state}` });
    return { body: await view(ordered.kept) };
  }

  serve(campaignRoutes.create, async ({ body }) => {
    const settled = readCampaign(body, null, reading());
    if (!settled.ok) return refusal('validation-failed', { errors: settled.errors });
    const judged = judge(body.contacts, settled.value);
    if (!judged.ok) return refusal('validation-failed', { errors: judged.errors });
    const kept = await begin({ ...settled.value, ...fresh() });
    await addAll(kept.campaign.id, judged.blocks);
    return made(body.start ? await started(kept) : kept);
  });

  serve(campaignRoutes.duplicate, async ({ params, body: { name } }) => {
    const kept = await within(campaigns.load(params.id));
    if (!kept) return refusal('not-found');
    return made(await begin({ ...kept.campaign, ...fresh(), name: name ?? kept.campaign.name }));
  });

  serve(campaignRoutes.list, async ({ query: { limit, cursor = null } }) => {
    try {
      const page = await within(campaigns.list({ limit, cursor }));
      return { body: { data: await Promise.all(page.campaigns.map(view)), nextCursor: page.nextCursor } };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'bad-cursor')) throw error;
      return refusal('validation-failed', {
        errors: [{ pointer: '/cursor', code: 'invalid-cursor', message: 'No page has given this cursor' }],
      });
    }
  });

  serve(campaignRoutes.get, async ({ params }) => {
    const kept = await within(campaigns.load(params.id));
    return kept ? { body: await view(kept) } : refusal('not-found');
  });

  serve(campaignRoutes.change, async ({ params, body }) => {
    const kept = await within(campaigns.load(params.id));
    if (!kept) return refusal('not-found');
    const settled = readCampaign(body, kept.campaign, reading());
    if (!settled.ok) return refusal('validation-failed', { errors: settled.errors });
    // Another change may come between: what this one says is said of the campaign as it is then.
    return answer(
      await within(
        orders.edit(params.id, (campaign) => {
          const again = readCampaign(body, campaign, reading());
          return { ...campaign, ...(again.ok ? again.value : settled.value) };
        }),
      ),
    );
  });

  serve(campaignRoutes.remove, async ({ params }) => {
    const ordered = await within(orders.remove(params.id));
    return ordered.outcome === 'done' ? {} : answer(ordered);
  });

  for (const [route, order] of [
    [campaignRoutes.start, orders.start],
    [campaignRoutes.pause, orders.pause],
    [campaignRoutes.resume, orders.resume],
    [campaignRoutes.cancel, orders.cancel],
  ] as const) {
    serve(route, async ({ params }) => answer(await within(order(params.id))));
  }
  // Looks at every contact that has begun: each of its questions is answered soon, all of them together need not be.
  serve(campaignRoutes.retryFailed, async ({ params }) => answer(await orders.retryFailed(params.id)));

  function fresh(): Pick<Campaign, 'id' | 'account' | 'createdAt' | 'state' | 'pausedBy' | 'runningSince'> {
    const id = newCampaignId(chance.uuidv7());
    return { id, account: settings.account, createdAt: clock.now(), state: 'draft', pausedBy: null, runningSince: null };
  }

  async function begin(campaign: Campaign): Promise<KeptCampaign> {
    const kept = await within(campaigns.create(campaign));
    await within(control.setCampaign(campaign.account, campaign.id, termsOf(kept)));
    logger.info({ campaignId: campaign.id, agentId: campaign.agentId }, 'campaign was made');
    return kept;
  }

  async function started(kept: KeptCampaign): Promise<KeptCampaign> {
    const ordered = await within(orders.start(kept.campaign.id));
    return ordered.outcome === 'done' ? ordered.kept : kept;
  }

  async function made(kept: KeptCampaign) {
    return { status: 201, body: await view(kept), headers: { Location: `/v1/campaigns/${kept.campaign.id}` } };
  }

  async function addAll(id: CampaignId, blocks: ReadonlyMap<string, Block>): Promise<void> {
    for (const { zones, contacts: added } of blocks.values()) {
      for (let at = 0; at < added.length; at += BLOCK_SIZE) {
        await within(contacts.add(id, zones, added.slice(at, at + BLOCK_SIZE), chance.uuid()));
      }
    }
  }

  /** Contacts that come with the campaign: all of them are good, or it is not made. */
  function judge(
    given: CreateCampaignBody['contacts'],
    { requiredVariables, fallbackTimeZone, hours }: Pick<Campaign, 'requiredVariables' | 'fallbackTimeZone' | 'hours'>,
  ): { ok: true; blocks: ReadonlyMap<string, Block> } | { ok: false; errors: readonly FieldError[] } {
    const allowTestNumbers = settings.carrier === 'simulator';
    const rules = { requiredVariables, fallbackTimeZone, allowTestNumbers, allowed: limits.current(), defaultCountry: null };
    const read = createReadContact(rules);
    const clockOf = createCallingClock(hours);
    const errors: FieldError[] = [];
    const blocks = new Map<string, Block>();
    for (const [at, one] of given.entries()) {
      const row = fromObject(one);
      const judged = row && read(row);
      if (!judged?.ok) {
        const column = judged?.column ?? '';
        const path = ['to', 'name', 'externalId', 'timeZone', ''].includes(column) ? column : `variables/${column}`;
        const pointer = `/contacts/${at}${path && `/${path}`}`;
        errors.push({
          pointer,
          code: 'invalid-contact',
          message: judged ? `${judged.message} (${judged.code})` : 'Not a contact',
        });
        continue;
      }
      if (judged.zones.length > 0 && clockOf(judged.zones, clock.now()) === null) {
        const message = 'The window never opens in all time zones that this number may be in: give it a timeZone';
        errors.push({ pointer: `/contacts/${at}/to`, code: 'invalid-contact', message });
      }
      const key = judged.zones.join(' ');
      const block = blocks.get(key) ?? { zones: judged.zones, contacts: [] };
      block.contacts.push(judged.contact);
      blocks.set(key, block);
    }
    return errors.length > 0 ? { ok: false, errors: errors.slice(0, MOST_ERRORS) } : { ok: true, blocks };
  }
}

interface Block {
  readonly zones: readonly string[];
  readonly contacts: NewContact[];
}
