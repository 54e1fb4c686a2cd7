import type { NewCallEvent } from '@onhook/call';
import type { CallId } from '@onhook/contracts';
import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls } from '@onhook/store';
import type { Perform } from './effects.js';

/** Tells the record something that has happened already and only has to be known. False: it could not be told in time. */
export type Report = (callId: CallId, event: NewCallEvent) => Promise<boolean>;

interface ReportsDeps {
  readonly calls: Pick<Calls, 'apply'>;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly withinMs: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Tries again while Redis is away: the call has ended by then, but its record must say how. */
export function createReport({ calls, perform, clock, timers, logger, withinMs }: ReportsDeps): Report {
  return async function report(callId, event) {
    const giveUpAt = clock.monotonicMs() + withinMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const applied = await calls.apply(callId, event);
        if (applied) await perform(applied.effects);
        return true;
      } catch (error) {
        if (clock.monotonicMs() + pauseMs > giveUpAt) {
          logger.error({ err: error, callId, event: event.type }, 'record could not be told');
          return false;
        }
        if (pauseMs === FIRST_PAUSE_MS) logger.warn({ err: error, callId, event: event.type }, 'record is told later');
        await timers.sleep(pauseMs);
      }
    }
  };
}
