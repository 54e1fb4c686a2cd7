import {
  callsAhead,
  createCallingClock,
  isFinished,
  rampedRate,
  shareOut,
  shouldPause,
  type CallingClock,
  type Served,
} from '@onhook/campaign';
import type { CampaignId } from '@onhook/contracts';
import type { Clock, Logger } from '@onhook/service';
import { termsOf, type AdmissionControl, type Campaign, type Campaigns, type Contacts, type KeptCampaign } from '@onhook/store';
import type { FeedContacts } from './feed-contacts.js';

export interface FeedCampaignsDeps {
  readonly campaigns: Pick<Campaigns, 'load' | 'change' | 'running' | 'setRunning' | 'holdFeeder'>;
  readonly contacts: Pick<Contacts, 'counts' | 'series' | 'waiting' | 'take' | 'feeding' | 'held' | 'close'>;
  readonly control: Pick<AdmissionControl, 'limits' | 'campaign' | 'setCampaign' | 'campaignInFlight'>;
  readonly feedContacts: FeedContacts;
  readonly auditContacts: (campaign: Campaign) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this process. */
  readonly holder: string;
  /** The account's own, where no operator has set one. Null: no limit. */
  readonly callsPerSecond: number | null;
}

/** Another dialer takes over after so long. */
const HELD_MS = 1_500;
/** Calls that wait for their turn are about so many seconds' worth. */
const AHEAD_MS = 2_000;
const UNLIMITED_PER_SECOND = 50;
/** Calls that wait, and not for their turn (a closed window, a busy number), are records too: beyond so many nobody is added. */
const MOST_HELD = 5_000;
const AUDIT_EVERY_MS = 5_000;
/** What "lately" means to a campaign that may pause itself. */
const RECENT_MINUTES = 15;

interface Looked {
  readonly kept: KeptCampaign;
  /** Zones in which it is time to call. */
  readonly open: readonly (readonly string[])[];
  readonly most: number;
  readonly isWaitingFor: number;
}

/** One round over all campaigns that run: whose turn it is, in which zones, and how many. One dialer at a time does it. */
export function createFeedCampaigns(deps: FeedCampaignsDeps): () => Promise<void> {
  const { campaigns, contacts, control, feedContacts, auditContacts, clock, logger, holder } = deps;
  const served: Served = new Map();
  const clocks = new Map<CampaignId, { readonly revision: number; readonly openAt: CallingClock }>();
  const auditedAt = new Map<CampaignId, number>();
  let rotation = 0;

  return async function feedCampaigns() {
    if (!(await campaigns.holdFeeder(holder, HELD_MS))) return;
    const ids = await campaigns.running();
    for (const known of [clocks, auditedAt]) for (const id of known.keys()) if (!ids.includes(id)) known.delete(id);
    const looks = await Promise.all(ids.map((id) => look(id).catch((error: unknown) => logFailure(id, error))));
    const ready = looks.filter((looked) => looked !== null);
    const waiting = ready.reduce((sum, { isWaitingFor }) => sum + isWaitingFor, 0);
    const perAccount = ready.length === 0 ? 0 : await accountRate(ready[0]!.kept.campaign.account);
    const claims = ready.map(({ kept: { campaign }, most }) => ({ id: campaign.id, weight: campaign.weight, most }));
    const shares = shareOut(claims, Math.max(0, callsAhead(perAccount, AHEAD_MS) - waiting), served);
    await Promise.all(
      ready.map((looked) => {
        const { id } = looked.kept.campaign;
        return feed(looked, shares.get(id) ?? 0).catch((error: unknown) => logFailure(id, error));
      }),
    );
    rotation += 1;
  };

  async function accountRate(account: string): Promise<number> {
    const { callsPerSecond = deps.callsPerSecond } = await control.limits(account);
    return callsPerSecond ?? UNLIMITED_PER_SECOND;
  }

  function logFailure(campaignId: CampaignId, error: unknown): null {
    logger.warn({ err: error, campaignId }, 'campaign was not fed');
    return null;
  }

  /** Null: nothing can be taken from it now. */
  async function look(id: CampaignId): Promise<Looked | null> {
    const kept = await campaigns.load(id);
    if (!kept) {
      await campaigns.setRunning(id, false);
      return null;
    }
    const { campaign } = kept;
    const now = clock.now();
    const rate = await setTerms(kept, now);
    await auditNowAndThen(campaign);
    const [{ ledger }, feeding] = await Promise.all([contacts.counts(id), contacts.feeding(id)]);
    // Of a campaign that was stopped too: who was taken is to have a call, which then says what became of it.
    for (const batch of feeding) await feedContacts(campaign, batch);
    if (campaign.state !== 'running') {
      if (ledger.active + ledger.scheduled === 0) await campaigns.setRunning(id, false);
      return null;
    }
    if (campaign.startAt !== null && now < campaign.startAt) return null;
    if (campaign.endAt !== null && now >= campaign.endAt) {
      if (ledger.pending > 0)
        logger.info({ campaignId: id, skipped: await contacts.close(id, 'expired') }, 'campaign is over its time');
      await move(kept, { state: 'completed' });
      return null;
    }
    if (isFinished(ledger) && ledger.contacts > 0) {
      await move(kept, { state: 'completed' });
      return null;
    }
    const begun = ledger.contacts - ledger.pending;
    if (campaign.testMode && begun > 0) {
      if (ledger.active + ledger.scheduled === 0) await move(kept, { state: 'paused', pausedBy: 'test' });
      return null;
    }
    if (campaign.autoPause && shouldPause(campaign.autoPause, await recent(campaign, now))) {
      logger.warn({ campaignId: id }, 'campaign paused itself: too many of its calls failed');
      await move(kept, { state: 'paused', pausedBy: 'errors' });
      return null;
    }
    const [inFlight, held, waiting] = await Promise.all([
      control.campaignInFlight(campaign.account, id),
      contacts.held(id, now),
      contacts.waiting(id),
    ]);
    const openAt = clockOf(kept);
    const open = waiting.filter(({ zones }) => {
      const interval = openAt(zones, now);
      return interval !== null && interval.opensAt <= now;
    });
    const isWaitingFor = Math.max(0, ledger.active - inFlight - held);
    const ahead = callsAhead(rate ?? (await accountRate(campaign.account)), AHEAD_MS) - isWaitingFor;
    const there = open.reduce((sum, { count }) => sum + count, 0);
    const most = held >= MOST_HELD ? 0 : campaign.testMode ? Math.min(1, there) : Math.min(ahead, there);
    return { kept, open: open.map(({ zones }) => zones), most, isWaitingFor };
  }

  /** Takes from the open zones in rotation, so that none of them waits for another to be empty. */
  async function feed({ kept: { campaign }, open }: Looked, count: number): Promise<void> {
    let left = count;
    for (let at = 0; at < open.length && left > 0; at++) {
      const zones = open[(rotation + at) % open.length]!;
      const fair = Math.ceil(left / (open.length - at));
      for (const batch of await contacts.take(campaign.id, zones, fair)) {
        left -= batch.contacts.length;
        await feedContacts(campaign, batch);
      }
    }
  }

  /** Admission follows the definition: also where whoever changed it died before it could say so. */
  async function setTerms(kept: KeptCampaign, now: number): Promise<number | null> {
    const { account, id, callsPerSecond, rampUpSec, runningSince, state } = kept.campaign;
    const full = callsPerSecond ?? (rampUpSec > 0 ? await accountRate(account) : null);
    const ramped = full === null ? null : Math.max(0.1, rampedRate(full, rampUpSec, now - (runningSince ?? now)));
    const rate = ramped === null || ramped === full ? full : Math.round(ramped * 10) / 10;
    const wanted = termsOf(kept, rate);
    const known = await control.campaign(account, id);
    if (known && Object.entries(wanted).every(([name, value]) => known[name as keyof typeof known] === value)) return rate;
    await control.setCampaign(account, id, wanted);
    // The definition may have changed between its reading and this: then these terms are older than those that they replaced.
    const after = await campaigns.load(id);
    if (after && after.revision !== kept.revision)
      await control.setCampaign(account, id, termsOf(after, after.campaign.state === state ? rate : undefined));
    return rate;
  }

  async function move(kept: KeptCampaign, change: Partial<Campaign>): Promise<void> {
    const moved = await campaigns.change(kept.revision, { ...kept.campaign, ...change });
    if (!moved) return;
    await control.setCampaign(moved.campaign.account, moved.campaign.id, termsOf(moved));
    logger.info({ campaignId: moved.campaign.id, state: moved.campaign.state, by: moved.campaign.pausedBy }, 'campaign moved on');
  }

  async function recent({ id, runningSince }: Campaign, now: number): Promise<{ ended: number; errors: number }> {
    const since = Math.max(Math.floor(now / 60_000) - RECENT_MINUTES, Math.floor((runningSince ?? 0) / 60_000));
    const minutes = (await contacts.series(id)).filter(({ minute }) => minute >= since);
    return {
      ended: minutes.reduce((sum, { ended }) => sum + ended, 0),
      errors: minutes.reduce((sum, { errors }) => sum + errors, 0),
    };
  }

  async function auditNowAndThen(campaign: Campaign): Promise<void> {
    const now = clock.monotonicMs();
    if (now - (auditedAt.get(campaign.id) ?? Number.NEGATIVE_INFINITY) < AUDIT_EVERY_MS) return;
    auditedAt.set(campaign.id, now);
    await auditContacts(campaign);
  }

  function clockOf({ campaign, revision }: KeptCampaign): CallingClock {
    const known = clocks.get(campaign.id);
    if (known?.revision === revision) return known.openAt;
    const openAt = createCallingClock(campaign.hours);
    clocks.set(campaign.id, { revision, openAt });
    return openAt;
  }
}
