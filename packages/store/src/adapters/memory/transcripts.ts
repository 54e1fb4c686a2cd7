import type { StoreOptions } from '../../options.js';
import type { Transcripts } from '../../ports/transcripts.js';
import { packTranscript, unpackTranscript } from '../../record/transcript-codec.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

interface MemoryTranscriptsDeps {
  readonly database: MemoryDatabase;
  readonly options: Pick<StoreOptions, 'retentionMs'>;
  readonly faults: MemoryFaults;
}

export function createMemoryTranscripts({ database, options, faults }: MemoryTranscriptsDeps): Transcripts {
  return {
    save: (callId, transcript) =>
      step(faults, () => {
        const kept = database.transcripts.get(callId)?.attempts ?? new Map<number, Buffer>();
        kept.set(transcript.attempt, packTranscript(transcript));
        database.transcripts.set(callId, { attempts: kept, expiresAt: database.clock.now() + options.retentionMs });
      }),
    load: (callId) =>
      step(faults, () => {
        const kept = database.transcripts.get(callId);
        if (!kept || kept.expiresAt <= database.clock.now()) return null;
        return unpackTranscript(kept.attempts.get(Math.max(...kept.attempts.keys()))!);
      }),
  };
}
