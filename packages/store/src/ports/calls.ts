import type { Call, Effect, NewCall, NewCallEvent, Verdict } from '@onhook/call';
import type { CallId, CarrierCallId, GatewayId, StreamSid } from '@onhook/contracts';

/** The one door to call records: everything that may happen to a call goes through `create` and `apply`. */
export interface Calls {
  /**
   * Record and idempotency key in one durable commit. The same key again returns the first call and writes nothing; with another
   * `fingerprint` (a hash of the body) it is a conflict.
   */
  create(call: NewCall, idempotency: Idempotency | null): Promise<Created>;
  load(callId: CallId): Promise<Loaded | null>;
  /** Loads, decides, commits by compare-and-set, and tries again on a conflict. Null: there is no such record. */
  apply(callId: CallId, event: NewCallEvent): Promise<Applied | null>;
  timeline(callId: CallId): Promise<TimelineEntry[]>;
  /** Newest first. A page may be short, even empty, and still have a `nextCursor`: see `CallsPage.fits`. */
  list(page: CallsPage): Promise<{ calls: Call[]; nextCursor: string | null }>;
  /** Calls whose deadline has passed, by Redis time, over all shards, soonest first. */
  due(limit: number): Promise<{ callId: CallId; deadline: number }[]>;
  /**
   * All calls that have a leg at the carrier, or may have one. Looks at every call that has not ended: for now and then.
   *
   * @param onPage told of them while the others are still looked for; what one page leads to is waited for before its shard is read on.
   * If some cannot be looked for, or an `onPage` rejects, the others still are; then this rejects
   */
  underWay(onPage?: (page: readonly CallId[]) => Promise<void>): Promise<CallId[]>;
  /** The call whose attempt this leg is, or was until at most an hour ago. */
  findBySid(sid: CarrierCallId): Promise<CallId | null>;
  /**
   * Renews this gateway's leases and touches no version. Every stream that is no longer its to keep is returned: close those.
   */
  renewLeases(gatewayId: GatewayId, streams: readonly LeasedStream[]): Promise<{ close: LeasedStream[] }>;
  /** Media leases that ran out, by Redis time. */
  expiredLeases(limit: number): Promise<(LeasedStream & { gatewayId: GatewayId })[]>;
}

export interface CallsPage {
  readonly limit: number;
  /** As returned by the page before. */
  readonly cursor: string | null;
  /** Redis milliseconds: that moment or later. */
  readonly createdAfter?: number;
  /** Redis milliseconds: before that moment. */
  readonly createdBefore?: number;
  /** Only calls that fit. At most `MOST_LOOKED_AT` are looked at for one page. */
  readonly fits?: (call: Call) => boolean;
}

/** So that no question holds the store, or its asker, for long. */
export const MOST_LOOKED_AT = 5_000;

export interface LeasedStream {
  readonly callId: CallId;
  readonly streamSid: StreamSid;
}

export interface Idempotency {
  readonly account: string;
  readonly key: string;
  readonly fingerprint: string;
}

export type Created =
  | { readonly outcome: 'created'; readonly call: Call; readonly effects: readonly Effect[] }
  | { readonly outcome: 'replayed'; readonly call: Call }
  | { readonly outcome: 'conflict' };

export interface Loaded {
  readonly call: Call;
  readonly version: number;
  /** Redis TIME, milliseconds, read with the record. */
  readonly now: number;
  /** No-news events beyond those that the timeline keeps. */
  readonly ignored?: number;
}

export interface Applied {
  readonly verdict: Verdict;
  readonly call: Call;
  readonly effects: readonly Effect[];
  /** Redis TIME of the event. */
  readonly at: number;
}

/** One event of a call's life. Carries neither numbers nor words. */
export interface TimelineEntry {
  readonly version: number;
  readonly at: number;
  readonly source: string;
  readonly event: string;
  readonly verdict: Verdict;
  /** The state after the event. */
  readonly state: Call['state'];
  /** The event's other fields, numbers masked and words left out. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}
