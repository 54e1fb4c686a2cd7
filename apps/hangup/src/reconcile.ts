import type { Clock, Logger, Timers } from '@onhook/service';

export interface ReconcilerDeps {
  readonly legs: () => Promise<void>;
  readonly places: () => Promise<void>;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly logger: Logger;
  readonly everyMs: number;
}

/** Places run out by themselves, so they can wait. */
const PLACES_EVERY_MS = 60_000;

/**
 * Compares what three parties say is up: the carrier, the records, and admission. Each hangup process does so for itself: everything
 * that follows from it may be done twice.
 */
export async function runReconciler(deps: ReconcilerDeps, signal: AbortSignal): Promise<void> {
  const { clock, timers, logger, everyMs } = deps;
  let placesAt = clock.monotonicMs() + everyMs;
  while (!signal.aborted) {
    await tried('legs could not be reconciled', deps.legs);
    if (clock.monotonicMs() >= placesAt) {
      placesAt = clock.monotonicMs() + PLACES_EVERY_MS;
      await tried('places could not be reconciled', deps.places);
    }
    await timers.sleep(everyMs, signal);
  }

  async function tried(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      // Redis or the carrier is away: what could not be compared is not judged.
      logger.warn({ err: error }, what);
    }
  }
}
