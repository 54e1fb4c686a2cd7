import type { CallId } from '@onhook/contracts';

/**
 * Where finished calls stay when Redis has forgotten them: one line of JSON each, in a file for each day on which calls were created.
 * Appending and erasing may be repeated, by any process, in any order: the last line of a call is what counts.
 */
export interface Archive {
  /** Durable when it resolves. A line that is there already may be appended once more. */
  append(entries: readonly ArchiveEntry[]): Promise<void>;
  /** Copies a recording to `recordingPlace`; one that is there already stays. Durable when it resolves. */
  keepRecording(call: ArchivedCall, attempt: number, wav: () => AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Every line of this call becomes a tombstone in its place, and its recordings are removed. Durable when it resolves.
   *
   * @param createdAt null if nobody knows it any more: then every day is searched
   * @returns whether the archive had a line of this call
   */
  erase(callId: CallId, createdAt: number | null): Promise<boolean>;
  /** The calls of one day, each once, as it was last archived; erased ones as nothing but their ids. */
  read(day: string): AsyncIterable<ArchivedLine>;
  /** `2026-11-22`, oldest first. */
  days(): Promise<string[]>;
}

export interface ArchivedCall {
  readonly callId: CallId;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface ArchiveEntry extends ArchivedCall {
  /** All the rest, as it shall stand in the line. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ArchivedLine {
  readonly callId: CallId;
  readonly erased?: true;
  readonly [field: string]: unknown;
}
