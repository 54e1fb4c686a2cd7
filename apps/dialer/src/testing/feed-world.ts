import { DEFAULT_HOURS, isBalanced } from '@onhook/campaign';
import { newCampaignId, type CampaignId, type E164, type Wake } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { contactCallId, termsOf, type AccountLimits, type Campaign, type Contacts } from '@onhook/store';
import {
  createMemoryAdmission,
  createMemoryAdmissionControl,
  createMemoryCampaigns,
  createMemoryContacts,
  createMemoryDatabase,
  createMemoryStore,
} from '@onhook/store/memory';
import { expect } from 'vitest';
import { createAuditContacts } from '../audit-contacts.js';
import { createFeedCampaigns } from '../feed-campaigns.js';
import { createFeedContacts } from '../feed-contacts.js';

export const LA = ['America/Los_Angeles'];
export const BERLIN = ['Europe/Berlin'];
/** A Monday: noon in Los Angeles, nine in the evening in Berlin. */
export const NOON = Date.parse('2026-11-23T20:00:00Z');
export const ACCOUNT = 'default';

/** Campaigns in memory, at noon in Los Angeles, with a feeder that is asked round by round. */
export function feedWorld(limits: Partial<AccountLimits> = {}) {
  const time = createVirtualTime(NOON);
  const chance = createSeededChance(1, time);
  const database = createMemoryDatabase(time);
  const { calls } = createMemoryStore({ database, chance });
  const campaigns = createMemoryCampaigns({ database });
  const contacts = createMemoryContacts({ database });
  const control = createMemoryAdmissionControl({ database });
  const admission = createMemoryAdmission({ database, fromNumbers: ['+14155550199' as E164], limits });
  const wakes: Wake[] = [];
  const waker = async (more: readonly Wake[]) => void wakes.push(...more);
  const feeder = (given: Partial<Contacts> = {}, holder = 'one') =>
    createFeedCampaigns({
      campaigns,
      contacts,
      control,
      feedContacts: createFeedContacts({ calls, contacts: { ...contacts, ...given }, waker }),
      auditContacts: createAuditContacts({ calls, contacts, waker, logger: silentLogger }),
      clock: time,
      logger: silentLogger,
      holder,
      callsPerSecond: 5,
    });

  async function start(given: Partial<Campaign> = {}, count = 100, zones = LA): Promise<Campaign> {
    const id = newCampaignId(chance.uuidv7());
    const campaign: Campaign = { ...SAMPLE, id, createdAt: time.now(), runningSince: time.now(), ...given };
    const kept = await campaigns.create(campaign);
    await control.setCampaign(ACCOUNT, id, termsOf(kept));
    await campaigns.setRunning(id, true);
    await add(id, count, zones);
    return campaign;
  }
  let made = 0;
  async function add(id: CampaignId, count: number, zones: readonly string[]): Promise<void> {
    const block = Array.from({ length: count }, () => ({
      to: `+1415555${String(2_000 + made++)}` as E164,
      name: 'Ada',
      externalId: null,
      timeZone: null,
      variables: { slot: '3 pm' },
    }));
    await contacts.add(id, zones, block, `block-${made}`);
  }
  const ledger = async (id: CampaignId) => {
    const counts = await contacts.counts(id);
    expect(isBalanced(counts.ledger)).toBe(true);
    return counts.ledger;
  };
  const state = async (id: CampaignId) => (await campaigns.load(id))?.campaign;
  const change = async (id: CampaignId, what: Partial<Campaign>) => {
    const kept = (await campaigns.load(id))!;
    return campaigns.change(kept.revision, { ...kept.campaign, ...what });
  };
  /** The call of a contact ends while it waits. */
  const end = async (id: CampaignId, ref: string, cause: 'do-not-call' | 'canceled' = 'do-not-call') => {
    const callId = contactCallId(id, ref, 0);
    await calls.apply(callId, { type: 'end-asked', cause, by: 'platform', source: 'dialer' });
    const settled = await calls.apply(callId, { type: 'settled', n: 0, source: 'hangup' });
    if (settled?.call.state !== 'ended') throw new Error('it has not ended');
    return settled.call;
  };
  return { time, calls, campaigns, contacts, control, admission, wakes, feeder, start, add, ledger, state, change, end };
}

const SAMPLE: Omit<Campaign, 'id' | 'createdAt'> = {
  account: ACCOUNT,
  state: 'running',
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
  metadata: { batch: 7 },
};
