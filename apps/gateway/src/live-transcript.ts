import type { CallId } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { Transcripts } from '@onhook/store';
import type { CallMemory } from './call-memory.js';

interface LiveTranscriptDeps {
  readonly callId: CallId;
  readonly memory: Pick<CallMemory, 'written'>;
  readonly transcripts: Pick<Transcripts, 'save'>;
  readonly timers: Pick<Timers, 'every'>;
  readonly elapsedMs: () => number;
  readonly logger: Logger;
}

/** Packing a long transcript costs a fraction of a millisecond: often enough to read along, seldom enough not to be noticed. */
const EVERY_MS = 10_000;

/** Keeps what was said so far, for people who look at a call that lives. At its end all of it is saved once more, and insisted upon. */
export function keepLiveTranscript({ callId, memory, transcripts, timers, elapsedMs, logger }: LiveTranscriptDeps): {
  stop(): void;
} {
  let kept = '';
  let isSaving = false;

  async function save(): Promise<void> {
    const transcript = memory.written(elapsedMs());
    const words = JSON.stringify(transcript.lines);
    if (transcript.lines.length === 0 || words === kept) return;
    isSaving = true;
    try {
      await transcripts.save(callId, transcript);
      kept = words;
    } catch (error) {
      logger.debug({ err: error }, 'live transcript was not kept');
    } finally {
      isSaving = false;
    }
  }

  const timer = timers.every(EVERY_MS, () => {
    if (!isSaving) void save();
  });
  return { stop: () => timer.cancel() };
}
