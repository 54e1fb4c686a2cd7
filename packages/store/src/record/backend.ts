import type { Call } from '@onhook/call';
import type { CallId, CarrierCallId } from '@onhook/contracts';
import type { TimelineEntry } from '../ports/calls.js';
import type { Tally } from './tally.js';

/** What an adapter must be able to do with one record. The deciding is done above it, once for all adapters. */
export interface RecordBackend {
  /** The record and the clock that it lives by, in one look. */
  read(callId: CallId, claim: string | null): Promise<Reading>;
  readTimeline(callId: CallId): Promise<TimelineEntry[]>;
  /** All of it or nothing, if `expected` is still the record's last commit id. */
  commit(commit: Commit): Promise<CommitOutcome>;
  /** One more no-news event that is not worth an entry. Nothing if the record is gone. */
  countNoNews(callId: CallId): Promise<void>;
  /** What stands is as durable as after a critical commit: also if whoever wrote it did not live to wait for the replicas. */
  makeSure(callId: CallId): Promise<void>;
  /** Before the next try after a conflict. */
  pause(tries: number): Promise<void>;
}

export interface Reading {
  readonly now: number;
  readonly stored: StoredCall | null;
  /** The call that already holds the idempotency key, if one was asked for. */
  readonly claimed: Claimed | null;
}

export interface StoredCall {
  /** Entries on the timeline so far. */
  readonly version: number;
  /** The fence of compare-and-set: also changed by the few commits that leave no entry. */
  readonly commitId: string;
  /** No-news entries on the timeline, and those only counted. */
  readonly noNews: number;
  readonly ignored: number;
  readonly json: string;
}

export interface Claimed {
  readonly callId: CallId;
  readonly fingerprint: string;
}

export interface Commit {
  readonly callId: CallId;
  readonly commitId: string;
  /** Null creates the record. */
  readonly expected: string | null;
  readonly version: number;
  readonly call: Call;
  readonly json: string;
  readonly noNews: number;
  readonly entry: TimelineEntry | null;
  /** The whole timeline as one value, in place of the stream. Only for an ended call. */
  readonly compacted: readonly TimelineEntry[] | null;
  /** Its end; later commits bring it again. */
  readonly endedAt: number | null;
  readonly sids: { readonly added: readonly CarrierCallId[]; readonly removed: readonly CarrierCallId[] };
  readonly feed: FeedEntry | null;
  readonly outbox: OutboxEntry | null;
  readonly claim: { readonly hash: string; readonly fingerprint: string } | null;
  /** What the end of the call adds to the statistics. */
  readonly tally: Tally | null;
  /** Must have reached the replicas before anyone acts on it. */
  readonly isCritical: boolean;
}

export interface FeedEntry {
  readonly callId: CallId;
  readonly version: number;
  readonly at: number;
  readonly event: string;
  readonly source: string;
  readonly state: Call['state'];
  /** The state before; null: the call was created. */
  readonly from: Call['state'] | null;
}

/** A change of state, or a recording that became ready. */
export interface OutboxEntry extends FeedEntry {
  /** The call has an address of its own that is told. */
  readonly hook?: true;
}

/** `taken`: the record exists already, or the idempotency key is another call's. Only when creating. */
export type CommitOutcome = 'committed' | 'conflict' | 'taken';
