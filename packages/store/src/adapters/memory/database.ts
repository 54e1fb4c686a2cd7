import type { CallId, CarrierCallId, GatewayId, GatewayOrder, Shard } from '@onhook/contracts';
import type { Clock } from '@onhook/service';
import type { FeedEntry, OutboxEntry } from '../../record/backend.js';
import type { GatewayEntry } from '../../ports/directory.js';
import type { TimelineEntry } from '../../ports/calls.js';
import { newAccount, type MemoryAccount } from './account.js';

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
  expiresAt: number | null;
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
  readonly outbox: OutboxEntry[];
  readonly gateways: Map<GatewayId, Expiring & { readonly entry: GatewayEntry }>;
  readonly orders: Map<GatewayId, { readonly kept: GatewayOrder[]; readonly wake: Set<() => void> }>;
  readonly beats: Map<string, number>;
  /** Changed by who plays a restart or a failover. */
  life: { id: string; beganAt: number | null };
  readonly transcripts: Map<CallId, Expiring & { readonly attempts: Map<number, Buffer> }>;
  /** What admission keeps of each carrier account. */
  readonly accounts: Map<string, MemoryAccount>;
}

export function createMemoryDatabase(clock: Pick<Clock, 'now'>): MemoryDatabase {
  return {
    clock,
    records: new Map(),
    due: new Map(),
    leases: new Map(),
    sids: new Map(),
    sidsOver: new Map(),
    index: new Set(),
    claims: new Map(),
    feed: [],
    outbox: [],
    gateways: new Map(),
    orders: new Map(),
    beats: new Map(),
    life: { id: 'life-1', beganAt: clock.now() },
    transcripts: new Map(),
    accounts: new Map(),
  };
}

/** What has expired is gone, as in Redis, from the moment it is looked for. */
export function liveRecord(database: MemoryDatabase, callId: CallId): MemoryRecord | null {
  const record = database.records.get(callId);
  if (!record) return null;
  if (record.expiresAt === null || record.expiresAt > database.clock.now()) return record;
  database.records.delete(callId);
  return null;
}

export function accountOf(database: MemoryDatabase, account: string): MemoryAccount {
  const known = database.accounts.get(account) ?? newAccount();
  database.accounts.set(account, known);
  return known;
}
