import type { Call } from '@onhook/call';
import type { CallId, Transcript } from '@onhook/contracts';
import type { TimelineEntry } from './calls.js';

/** From its end on: into the archive, then out of here. Nothing is forgotten that the archive does not have as it is. */
export interface Retention {
  /** Ended calls that the archive does not have as they are now. Nobody else is given them for `holdMs`. */
  toArchive(ask: { readonly limit: number; readonly holdMs: number }): Promise<CallId[]>;
  /** All there is of it, as it is now. Null: it is gone, or has not ended. @throws NewerSchema */
  load(callId: CallId): Promise<FinishedCall | null>;
  /** The archive has it as `load` gave it. False: it has changed since, and will be asked for again. */
  archived(callId: CallId, mark: string): Promise<boolean>;
  /** Calls that ended longer ago than `retentionMs`. Nobody else is given them for `holdMs`. */
  expired(ask: { readonly retentionMs: number; readonly limit: number; readonly holdMs: number }): Promise<ExpiredCall[]>;
  /**
   * Removes every trace of it. `changed`: since `load`; `unarchived`: the archive does not have it as it is.
   *
   * @param finished null: its record is gone already
   */
  forget(expired: ExpiredCall, finished: FinishedCall | null): Promise<'forgotten' | 'changed' | 'unarchived'>;
  /** Ended calls that the archive does not have as they are now. */
  backlog(): Promise<number>;
}

export interface ExpiredCall {
  readonly callId: CallId;
  readonly createdAt: number;
}

export interface FinishedCall {
  readonly call: Call;
  readonly timeline: readonly TimelineEntry[];
  /** Of every attempt in which something was said. */
  readonly transcripts: readonly Transcript[];
  /** The archive has it as it is. */
  readonly isArchived: boolean;
  /** Names this state of it: another one after each commit. */
  readonly mark: string;
  /** Redis milliseconds. */
  readonly now: number;
}
