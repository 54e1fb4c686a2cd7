import type { CallId, Transcript } from '@onhook/contracts';

/** What was said in calls, apart from their records: written once, read seldom, and more private than anything else. */
export interface Transcripts {
  /** Kept for as long as an ended call is kept. The same attempt again replaces what was saved. */
  save(callId: CallId, transcript: Transcript): Promise<void>;
  /** That of the last attempt which has one. */
  load(callId: CallId): Promise<Transcript | null>;
}
