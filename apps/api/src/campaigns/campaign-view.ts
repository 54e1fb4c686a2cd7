import { isBalanced, type Ledger } from '@onhook/campaign';
import type { CampaignId, CampaignView, ContactView } from '@onhook/contracts';
import { contactCallId, type CampaignCounts, type Contact, type KeptCampaign } from '@onhook/store';

const MICROS = 1_000_000;

export function campaignView({ campaign, revision }: KeptCampaign, { ledger, attempts, answered }: CampaignCounts): CampaignView {
  const { id, hours, minutes, micros } = campaign;
  const self = `/v1/campaigns/${id}`;
  return {
    id,
    status: campaign.state,
    pausedBy: campaign.state === 'paused' ? campaign.pausedBy : null,
    revision,
    name: campaign.name,
    agentId: campaign.agentId,
    from: [...campaign.fromNumbers],
    schedule: {
      startAt: time(campaign.startAt),
      endAt: time(campaign.endAt),
      windows: hours.windows.map(({ days, start, end }) => ({ days: [...days], start, end })),
      excludeDates: [...hours.excludeDates],
      fallbackTimeZone: campaign.fallbackTimeZone,
    },
    maxConcurrency: campaign.maxConcurrent,
    callsPerSecond: campaign.callsPerSecond,
    rampUpSeconds: campaign.rampUpSec,
    weight: campaign.weight,
    budget: { minutes, money: micros === null ? null : micros / MICROS },
    autoPause: campaign.autoPause && { ...campaign.autoPause },
    testMode: campaign.testMode,
    metadata: { ...campaign.metadata },
    createdAt: new Date(campaign.createdAt).toISOString(),
    ledger: ledgerView(ledger),
    attempts,
    answered,
    links: { self, contacts: `${self}/contacts`, stats: `${self}/stats`, template: `${self}/template` },
  };
}

export function ledgerView(ledger: Ledger) {
  return { ...ledger, skipped: { ...ledger.skipped }, balanced: isBalanced(ledger) };
}

export function contactView(id: CampaignId, contact: Contact): ContactView {
  const { ref, state, round, endedAt } = contact;
  const hasCall = state === 'active' || state === 'scheduled' || endedAt !== null || contact.attempts > 0;
  return {
    id: ref,
    to: contact.to,
    name: contact.name,
    externalId: contact.externalId,
    timeZones: [...contact.zones],
    variables: { ...contact.variables },
    status: state,
    reason: contact.reason,
    attempts: contact.attempts,
    answered: contact.wasAnswered,
    endedAt: time(endedAt),
    durationSeconds: contact.durationSec,
    callId: hasCall ? contactCallId(id, ref, round) : null,
  };
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
