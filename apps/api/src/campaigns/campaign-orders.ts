import type { CampaignId } from '@onhook/contracts';
import type { Clock, Logger } from '@onhook/service';
import { termsOf, type AdmissionControl, type Campaign, type Campaigns, type Contacts, type KeptCampaign } from '@onhook/store';

/** What has come of an order: the campaign as it is now, no such campaign, or the state that stands against it. */
export type Ordered =
  | { readonly outcome: 'done'; readonly kept: KeptCampaign }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'conflict'; readonly state: Campaign['state'] };

export interface CampaignOrdersDeps {
  readonly campaigns: Pick<Campaigns, 'load' | 'change' | 'setRunning' | 'remove' | 'create'>;
  readonly contacts: Pick<Contacts, 'counts' | 'close' | 'again'>;
  readonly control: Pick<AdmissionControl, 'setCampaign'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Contacts that `retry-failed` takes up again: not reached, or lost by a fault before anybody was spoken with for long. */
export const FAILED_CAUSES = [
  'no-answer',
  'busy',
  'dial-failed',
  'dial-expired',
  'carrier-rejected',
  'no-media',
  'agent-connect-failed',
] as const;

const MOST_TRIES = 20;

/**
 * Orders of operators. The definition is changed first and admission is told second: whoever dies in between is repeated by the feeder, and
 * the order is answered only after both, so that an answered pause is one.
 */
export function createCampaignOrders({ campaigns, contacts, control, clock, logger }: CampaignOrdersDeps) {
  async function change(
    id: CampaignId,
    from: readonly Campaign['state'][],
    how: (campaign: Campaign) => Campaign,
  ): Promise<Ordered> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const kept = await campaigns.load(id);
      if (!kept) return { outcome: 'not-found' };
      const { state } = kept.campaign;
      if (!from.includes(state)) return { outcome: 'conflict', state };
      const changed = await campaigns.change(kept.revision, how(kept.campaign));
      if (!changed) continue;
      await control.setCampaign(changed.campaign.account, id, termsOf(changed));
      // Also what was stopped: the feeder looks after its last calls, and then forgets it by itself.
      if (changed.campaign.state !== 'draft') await campaigns.setRunning(id, true);
      logger.info({ campaignId: id, was: state, state: changed.campaign.state }, 'campaign was changed by an operator');
      return { outcome: 'done', kept: changed };
    }
    throw new Error(`campaign ${id} was changed by others ${MOST_TRIES} times in a row`);
  }

  const run = (campaign: Campaign): Campaign => ({ ...campaign, state: 'running', pausedBy: null, runningSince: clock.now() });

  return {
    edit: (id: CampaignId, how: (campaign: Campaign) => Campaign) => change(id, ['draft', 'running', 'paused', 'completed'], how),
    start: (id: CampaignId) => change(id, ['draft', 'completed'], run),
    resume: (id: CampaignId) => change(id, ['paused'], run),
    pause: (id: CampaignId) => change(id, ['running'], (campaign) => ({ ...campaign, state: 'paused', pausedBy: 'operator' })),

    async cancel(id: CampaignId): Promise<Ordered> {
      // Once more for one that is canceled already: whoever canceled it may not have come to its contacts.
      const all = ['draft', 'running', 'paused', 'completed', 'canceled'] as const;
      const ordered = await change(id, all, (campaign) => ({ ...campaign, state: 'canceled' }));
      if (ordered.outcome === 'done') await contacts.close(id, 'canceled');
      return ordered;
    },

    /** Whoever is taken up again waits as before; a campaign that was completed runs again. */
    async retryFailed(id: CampaignId): Promise<Ordered> {
      const kept = await campaigns.load(id);
      if (!kept) return { outcome: 'not-found' };
      const { state } = kept.campaign;
      if (state === 'canceled' || state === 'draft') return { outcome: 'conflict', state };
      const count = await contacts.again(id, FAILED_CAUSES);
      logger.info({ campaignId: id, count }, 'contacts were taken up again');
      return state === 'completed' && count > 0 ? change(id, ['completed', 'running'], run) : { outcome: 'done', kept };
    },

    async remove(id: CampaignId): Promise<Ordered> {
      const kept = await campaigns.load(id);
      if (!kept) return { outcome: 'not-found' };
      const { state, account } = kept.campaign;
      const { ledger } = await contacts.counts(id);
      if (state === 'running' || state === 'paused' || ledger.active + ledger.scheduled > 0)
        return { outcome: 'conflict', state };
      await campaigns.remove(id);
      await control.setCampaign(account, id, null);
      return { outcome: 'done', kept };
    },
  };
}
