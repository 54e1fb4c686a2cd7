import type { Clock, Logger, ServiceScope, Timers } from '@onhook/service';
import type { Worker } from './port.js';
import { watchProgress, type Progress } from './progress.js';

export interface ServeJobsDeps {
  readonly worker: Worker & { progress(): Promise<Progress> };
  /** This process's sign of life: others count on it while it is fresh. */
  readonly heartbeat: { beat(lastsMs: number): Promise<void>; leave(): Promise<void> };
  readonly scope: Pick<ServiceScope, 'onStop' | 'stop' | 'stopping'>;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'every' | 'sleep'>;
  readonly logger: Logger;
}

const BEAT_EVERY_MS = 2_000;
const BEAT_LASTS_MS = 6_000;

/** What every worker process does around its jobs: it shows that it lives, ends itself if it has gone deaf, and stops in good order. */
export function serveJobs({ worker, heartbeat, scope, clock, timers, logger }: ServeJobsDeps): void {
  scope.onStop('worker', () => worker.close());

  const onStuck = (): void => scope.stop('no progress', 1);
  const watching = watchProgress({ progress: worker.progress, onStuck, clock, timers, logger }, scope.stopping);
  scope.onStop('progress', () => watching);

  const beat = (): void => {
    heartbeat.beat(BEAT_LASTS_MS).catch((error: unknown) => logger.warn({ err: error }, 'heartbeat failed'));
  };
  const beating = timers.every(BEAT_EVERY_MS, beat);
  // At once, not after the beat has run out: nobody shall count on a worker that is going.
  scope.onStop('heartbeat', () => {
    beating.cancel();
    return heartbeat.leave();
  });
  beat();
}
