import type { Logger, Timers } from '@onhook/service';

export interface FeederDeps {
  readonly round: () => Promise<void>;
  readonly release: () => Promise<void>;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly logger: Logger;
  readonly everyMs: number;
}

/** Rounds one after the other until `stopping`, then lets another dialer have them at once. */
export async function runFeeder({ round, release, timers, logger, everyMs }: FeederDeps, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      await round();
    } catch (error) {
      logger.warn({ err: error }, 'campaigns were not fed');
    }
    await timers.sleep(everyMs, stopping);
  }
  try {
    await release();
  } catch (error) {
    logger.warn({ err: error }, 'feeding was not handed over');
  }
}
