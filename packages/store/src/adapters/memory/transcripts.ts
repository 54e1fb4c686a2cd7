import type { Call } from '@onhook/call';
import type { CallId, Transcript } from '@onhook/contracts';
import type { Transcripts } from '../../ports/transcripts.js';
import { packTranscript, unpackTranscript } from '../../record/transcript-codec.js';
import { liveRecord, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

interface MemoryTranscriptsDeps {
  readonly database: MemoryDatabase;
  readonly faults: MemoryFaults;
}

export function createMemoryTranscripts({ database, faults }: MemoryTranscriptsDeps): Transcripts {
  function all(callId: CallId): Transcript[] {
    const kept = [...(database.transcripts.get(callId) ?? [])].toSorted(([a], [b]) => a - b);
    return kept.map(([, packed]) => unpackTranscript(packed));
  }

  return {
    save: (callId, transcript) =>
      step(faults, () => {
        const record = liveRecord(database, callId);
        if (!record || (JSON.parse(record.json) as Call).erasedAt !== undefined) return;
        const kept = database.transcripts.get(callId) ?? new Map<number, Buffer>();
        kept.set(transcript.attempt, packTranscript(transcript));
        database.transcripts.set(callId, kept);
      }),
    load: (callId) => step(faults, () => all(callId).at(-1) ?? null),
    loadAll: (callId) => step(faults, () => all(callId)),
    remove: (callId) => step(faults, () => void database.transcripts.delete(callId)),
  };
}
