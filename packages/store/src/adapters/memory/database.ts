import type { CallId, CampaignId, CarrierCallId, GatewayId, GatewayOrder, Shard } from '@onhook/contracts';
import type { Clock } from '@onhook/service';
import type { FeedEntry, OutboxEntry } from '../../record/backend.js';
import type { Tally } from '../../record/tally.js';
import type { GatewayEntry } from '../../ports/directory.js';
import type { KeptApiKey } from '../../ports/api-keys.js';
import type { CampaignMinute, Contact, KeptCampaign } from '../../ports/campaigns.js';
import type { TimelineEntry } from '../../ports/calls.js';
import { newAccount, type MemoryAccount } from './account.js';
import { newHooks, type MemoryHooks } from './hooks.js';

export interface MemoryRecord {
  version: number;
  /** Newest first. */
  commitIds: string[];
  state: string;
  owner: string;
  noNews: number;
  ignored: number;
  json: string;
  timeline: TimelineEntry[];
  endedAt: number | null;
}

export type MemoryContact = { -readonly [Field in keyof Contact]: Contact[Field] } & { order: number };

export interface MemoryCampaign {
  kept: KeptCampaign | null;
  readonly blocks: MemoryContact[][];
  readonly seen: Set<string>;
  readonly feeding: Set<string>;
  readonly series: Map<number, CampaignMinute>;
  readonly failures: Map<string, string>;
  readonly held: Map<string, number>;
  readonly recent: Map<string, readonly number[]>;
  attempts: number;
  answered: number;
  seconds: number;
}

interface Expiring {
  readonly expiresAt: number;
}

/** What Redis would hold, in plain Maps. One database may serve several stores, as one Redis serves several processes. */
export interface MemoryDatabase {
  readonly clock: Pick<Clock, 'now'>;
  readonly records: Map<CallId, MemoryRecord>;
  readonly due: Map<CallId, number>;
  /** `callId|gatewayId|streamSid` → expiry. */
  readonly leases: Map<string, number>;
  readonly sids: Map<Shard, Map<CarrierCallId, CallId>>;
  /** Legs of ended attempts, by the moment from which they are forgotten. */
  readonly sidsOver: Map<Shard, Map<CarrierCallId, number>>;
  readonly index: Set<string>;
  readonly claims: Map<string, Expiring & { readonly callId: CallId; readonly fingerprint: string }>;
  readonly feed: FeedEntry[];
  /** How many entries of the feed are gone. */
  feedTrimmed: number;
  readonly outbox: OutboxEntry[];
  readonly hooks: MemoryHooks;
  readonly gateways: Map<GatewayId, Expiring & { readonly entry: GatewayEntry }>;
  /** Until when. */
  readonly streamsExpected: Map<GatewayId, number>;
  readonly orders: Map<GatewayId, { readonly kept: GatewayOrder[]; readonly wake: Set<() => void> }>;
  readonly beats: Map<string, number>;
  /** Changed by who plays a restart or a failover. */
  life: { id: string; beganAt: number | null };
  readonly answers: Map<
    string,
    Expiring & { readonly fingerprint: string; readonly run: string; readonly answer: string | null }
  >;
  readonly quotas: Map<string, { readonly window: number; readonly taken: number }>;
  /** By call, then by attempt. */
  readonly transcripts: Map<CallId, Map<number, Buffer>>;
  /** Ended calls that the archive does not have as they are, by when that is due. */
  readonly toArchive: Map<CallId, number>;
  /** Ended calls by the moment of their end, or later if somebody looks at them. */
  readonly expiry: Map<CallId, number>;
  readonly tallies: Tally[];
  readonly apiKeys: Map<string, KeptApiKey>;
  readonly apiKeysUsed: Map<string, number>;
  readonly campaigns: Map<CampaignId, MemoryCampaign>;
  readonly runningCampaigns: Set<CampaignId>;
  /** Who feeds campaigns, and until when. */
  feeder: { readonly holder: string; readonly until: number } | null;
  /** What admission keeps of each carrier account. */
  readonly accounts: Map<string, MemoryAccount>;
}

export function createMemoryDatabase(clock: Pick<Clock, 'now'>): MemoryDatabase {
  return {
    clock,
    records: new Map(),
    tallies: [],
    apiKeys: new Map(),
    apiKeysUsed: new Map(),
    due: new Map(),
    leases: new Map(),
    sids: new Map(),
    sidsOver: new Map(),
    index: new Set(),
    claims: new Map(),
    feed: [],
    feedTrimmed: 0,
    outbox: [],
    hooks: newHooks(),
    gateways: new Map(),
    streamsExpected: new Map(),
    orders: new Map(),
    beats: new Map(),
    life: { id: 'life-1', beganAt: clock.now() },
    answers: new Map(),
    quotas: new Map(),
    transcripts: new Map(),
    toArchive: new Map(),
    expiry: new Map(),
    campaigns: new Map(),
    runningCampaigns: new Set(),
    feeder: null,
    accounts: new Map(),
  };
}

export function liveRecord(database: MemoryDatabase, callId: CallId): MemoryRecord | null {
  return database.records.get(callId) ?? null;
}

export function accountOf(database: MemoryDatabase, account: string): MemoryAccount {
  const known = database.accounts.get(account) ?? newAccount();
  database.accounts.set(account, known);
  return known;
}

export function campaignOf(database: MemoryDatabase, id: CampaignId): MemoryCampaign {
  const known = database.campaigns.get(id) ?? {
    kept: null,
    blocks: [],
    seen: new Set(),
    feeding: new Set(),
    series: new Map(),
    failures: new Map(),
    held: new Map(),
    recent: new Map(),
    attempts: 0,
    answered: 0,
    seconds: 0,
  };
  database.campaigns.set(id, known);
  return known;
}
