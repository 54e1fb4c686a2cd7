import type { Call } from '@onhook/call';
import { createCallingClock, type CallingClock } from '@onhook/campaign';
import type { Clock } from '@onhook/service';
import type { AdmissionRequest, Campaigns, KeptCampaign } from '@onhook/store';

/** What a call's campaign makes admission ask: does it still run as we know it, and may its callee be called now? */
export interface CampaignTermsOfCall {
  /** @param nowMs Redis time, as near as this process knows it */
  of(call: Call, nowMs: number): Promise<Pick<AdmissionRequest, 'campaign' | 'window' | 'fromNumbers'>>;
  /** Admission says that it is of another revision by now. */
  forget(call: Call): void;
}

/** Admission knows the revision: what is remembered for too long is found out before anything is dialed. */
const REMEMBERED_MS = 5_000;
const LATER_MS = 86_400_000;

export function createCampaignTerms({
  campaigns,
  clock,
}: {
  campaigns: Pick<Campaigns, 'load'>;
  clock: Pick<Clock, 'monotonicMs'>;
}): CampaignTermsOfCall {
  const known = new Map<string, { kept: KeptCampaign | null; openAt: CallingClock | null; until: number }>();

  async function lookUp(id: Parameters<Campaigns['load']>[0]) {
    const before = known.get(id);
    if (before && clock.monotonicMs() < before.until) return before;
    const kept = await campaigns.load(id);
    // The calling clock remembers what it has worked out, for as long as nobody edits the campaign.
    const isSame = kept !== null && before?.kept?.revision === kept.revision;
    const openAt = isSame ? before.openAt : kept && createCallingClock(kept.campaign.hours);
    const now = { kept, openAt, until: clock.monotonicMs() + REMEMBERED_MS };
    known.set(id, now);
    return now;
  }

  return {
    async of(call, nowMs) {
      if (!call.campaign) return {};
      const { id, zones } = call.campaign;
      const { kept, openAt } = await lookUp(id);
      // A campaign that is gone runs at no revision.
      if (!kept || !openAt) return { campaign: { id, revision: -1 } };
      const { fromNumbers } = kept.campaign;
      return {
        campaign: { id, revision: kept.revision },
        window: openAt(zones, nowMs) ?? { opensAt: nowMs + LATER_MS, closesAt: nowMs + LATER_MS },
        ...(fromNumbers.length > 0 && { fromNumbers }),
      };
    },
    forget: ({ campaign }) => void (campaign && known.delete(campaign.id)),
  };
}
