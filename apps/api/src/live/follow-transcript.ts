import type { CallId, TranscriptView } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { Calls, Transcripts } from '@onhook/store';

export interface FollowTranscriptDeps {
  readonly calls: Pick<Calls, 'load'>;
  readonly transcripts: Pick<Transcripts, 'load'>;
  readonly timers: Pick<Timers, 'every'>;
  readonly logger: Logger;
}

/** The gateway keeps what was said so far every ten seconds. */
const LOOK_EVERY_MS = 2_000;
/** After the end of a call its transcript is written once more. */
const FINAL_AFTER_MS = 15_000;

/**
 * Tells what was said, all of it, whenever there is more; until the call has been over for a while. The feed carries no speech, so it
 * is looked for in its own place, and only while somebody follows this very call.
 */
export function followTranscript(
  { calls, transcripts, timers, logger }: FollowTranscriptDeps,
  callId: CallId,
  tell: (transcript: TranscriptView) => void,
): { stop(): void } {
  let told = '';
  let isLooking = false;

  async function look(): Promise<void> {
    isLooking = true;
    try {
      const [loaded, transcript] = await Promise.all([calls.load(callId), transcripts.load(callId)]);
      const words = transcript ? JSON.stringify(transcript) : '';
      if (transcript && words !== told) {
        told = words;
        const { attempt, truncated, lines } = transcript;
        tell({ attempt, truncated, data: lines });
      }
      const isOver = !loaded || (loaded.call.state === 'ended' && loaded.now - loaded.call.endedAt > FINAL_AFTER_MS);
      if (isOver) timer.cancel();
    } catch (error) {
      logger.debug({ callId, err: error }, 'transcript could not be followed');
    } finally {
      isLooking = false;
    }
  }

  const timer = timers.every(LOOK_EVERY_MS, () => {
    if (!isLooking) void look();
  });
  void look();
  return { stop: () => timer.cancel() };
}
