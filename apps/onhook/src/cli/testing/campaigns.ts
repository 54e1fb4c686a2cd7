import type { CampaignStats, Schemas } from '../api.js';

/** Campaigns as the api tells of them. */

export const ID = 'camp_01kaq3v4e8f0zr2m5t7w9y1b3d';

export const ledgerOf = (given: Partial<Schemas['Ledger']> = {}): Schemas['Ledger'] => ({
  contacts: 10,
  pending: 6,
  scheduled: 1,
  active: 1,
  done: 2,
  skipped: {},
  canceled: 0,
  balanced: true,
  ...given,
});

export const campaignOf = (given: Partial<Schemas['Campaign']> = {}): Schemas['Campaign'] => ({
  id: ID,
  status: 'running',
  pausedBy: null,
  revision: 1,
  name: 'March reminders',
  agentId: 'reminder',
  from: [],
  schedule: {
    startAt: null,
    endAt: null,
    windows: [{ days: ['mon', 'tue'], start: '09:00', end: '17:00' }],
    excludeDates: [],
    fallbackTimeZone: null,
  },
  maxConcurrency: null,
  callsPerSecond: 1,
  rampUpSeconds: 0,
  weight: 1,
  budget: { minutes: null, money: null },
  autoPause: null,
  testMode: false,
  metadata: {},
  createdAt: '2026-03-02T11:00:00.000Z',
  ledger: ledgerOf(),
  attempts: 3,
  answered: 1,
  links: { self: '', contacts: '', stats: '', template: '' },
  ...given,
});

export const statsOf = (given: Partial<CampaignStats> = {}): CampaignStats => ({
  status: 'running',
  ledger: ledgerOf(),
  causes: { 'agent-ended-call': 1, busy: 1 },
  attempts: 3,
  answered: 1,
  answerRate: 0.5,
  talkSeconds: 20,
  inFlight: 1,
  waiting: [],
  minutes: [],
  etaAt: null,
  ...given,
});
