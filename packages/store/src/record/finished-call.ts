import type { CallId } from '@onhook/contracts';
import type { FinishedCall } from '../ports/retention.js';
import type { Transcripts } from '../ports/transcripts.js';
import type { RecordBackend } from './backend.js';
import type { LeftAlone } from './left-alone.js';
import { readRecord } from './record-codec.js';

interface FinishedCallsDeps {
  readonly backend: Pick<RecordBackend, 'read' | 'readTimeline'>;
  readonly transcripts: Pick<Transcripts, 'loadAll'>;
  readonly leftAlone: LeftAlone;
  /** The archive does not have it as it is. */
  readonly isAwaited: (callId: CallId) => Promise<boolean>;
}

/** The same for every adapter. The record is read first: what changes behind it changes its mark too. */
export function createFinishedCalls({ backend, transcripts, leftAlone, isAwaited }: FinishedCallsDeps) {
  return async function load(callId: CallId): Promise<FinishedCall | null> {
    const { now, stored } = await backend.read(callId, null);
    if (!stored) return null;
    const call = leftAlone.orThrow(callId, () => readRecord(stored.json));
    if (call.state !== 'ended') return null;
    const [timeline, said, isWaiting] = await Promise.all([
      backend.readTimeline(callId),
      transcripts.loadAll(callId),
      isAwaited(callId),
    ]);
    return { call, timeline, transcripts: said, isArchived: !isWaiting, mark: stored.commitId, now };
  };
}
