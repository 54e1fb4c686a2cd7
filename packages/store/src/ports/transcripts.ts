import type { CallId, Transcript } from '@onhook/contracts';

/** What was said in calls, apart from their records: written once, read seldom, and more private than anything else. */
export interface Transcripts {
  /** The same attempt again replaces what was saved. Lives as long as its call; not kept for one that is gone or was erased. */
  save(callId: CallId, transcript: Transcript): Promise<void>;
  /** That of the last attempt which has one. */
  load(callId: CallId): Promise<Transcript | null>;
  /** Of every attempt, in order. */
  loadAll(callId: CallId): Promise<Transcript[]>;
  remove(callId: CallId): Promise<void>;
}
