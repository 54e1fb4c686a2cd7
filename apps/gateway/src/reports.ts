import type { NewCallEvent } from '@onhook/call';
import type { CallId, Transcript } from '@onhook/contracts';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls, Transcripts } from '@onhook/store';
import type { Perform } from './effects.js';

/** Tells the record something that has happened already and only has to be known. False: it could not be told in time. */
export type Report = (callId: CallId, event: NewCallEvent) => Promise<boolean>;

/** Keeps what was said. False: it could not be kept in time. */
export type KeepTranscript = (callId: CallId, transcript: Transcript) => Promise<boolean>;

interface ReportsDeps extends PersistenceDeps {
  readonly calls: Pick<Calls, 'apply'>;
  readonly perform: Perform;
}

interface PersistenceDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly withinMs: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Tries again while Redis is away: the call has ended by then, but its record must say how. */
export function createReport({ calls, perform, ...deps }: ReportsDeps): Report {
  const insist = createInsistence(deps);
  return (callId, event) =>
    insist({ callId, told: event.type }, async () => {
      const applied = await calls.apply(callId, event);
      if (applied) await perform(applied.effects);
    });
}

export function createKeepTranscript({ transcripts, ...deps }: PersistenceDeps & { transcripts: Transcripts }): KeepTranscript {
  const insist = createInsistence(deps);
  return (callId, transcript) => insist({ callId, told: 'transcript' }, () => transcripts.save(callId, transcript));
}

function createInsistence({ clock, timers, logger, withinMs }: PersistenceDeps) {
  return async function insist(facts: { callId: CallId; told: string }, tell: () => Promise<void>): Promise<boolean> {
    const giveUpAt = clock.monotonicMs() + withinMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await tell();
        return true;
      } catch (error) {
        if (clock.monotonicMs() + pauseMs > giveUpAt) {
          logger.error({ err: error, ...facts }, 'record could not be told');
          return false;
        }
        if (pauseMs === FIRST_PAUSE_MS) logger.warn({ err: error, ...facts }, 'record is told later');
        await timers.sleep(pauseMs);
      }
    }
  };
}
