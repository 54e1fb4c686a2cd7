import { DEFAULT_HOURS } from '@onhook/campaign';
import { newCampaignId, type CampaignId, type E164 } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import type { Campaign, ContactStep, NewContact } from '../ports/campaigns.js';
import { newAccount } from './sample-call.js';

export const sampleCampaignId = (): CampaignId => newCampaignId(systemChance.uuidv7());

export function sampleCampaign(given: Partial<Campaign> = {}): Campaign {
  return {
    id: sampleCampaignId(),
    account: newAccount(),
    createdAt: 1_700_000_000_000,
    state: 'draft',
    pausedBy: null,
    runningSince: null,
    name: 'Spring',
    agentId: 'demo',
    fromNumbers: [],
    hours: DEFAULT_HOURS,
    fallbackTimeZone: null,
    startAt: null,
    endAt: null,
    maxConcurrent: null,
    callsPerSecond: null,
    rampUpSec: 0,
    weight: 1,
    minutes: null,
    micros: null,
    autoPause: null,
    testMode: false,
    policy: {
      ringTimeoutSec: 30,
      maxDurationSec: 600,
      transferLimitSec: 0,
      latestAt: null,
      redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 600 },
      voicemail: 'continue',
    },
    requiredVariables: [],
    metadata: {},
    ...given,
  };
}

export function sampleContacts(count: number, from = 0): NewContact[] {
  return Array.from({ length: count }, (_, i) => ({
    to: `+1415555${String(from + i).padStart(4, '0')}` as E164,
    name: `Ada ${from + i}`,
    externalId: (from + i) % 2 === 0 ? `customer-${from + i}` : null,
    timeZone: null,
    variables: { slot: `${(from + i) % 12} pm`, visits: from + i },
  }));
}

export function sampleStep(given: Partial<ContactStep>): ContactStep {
  return {
    state: 'done',
    attempts: 1,
    reason: null,
    isError: false,
    wasAnswered: false,
    endedAt: null,
    durationSec: null,
    ...given,
  };
}
