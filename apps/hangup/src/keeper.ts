import { createSeldom, type Clock, type Logger, type Timers } from '@onhook/service';
import type { Retention } from '@onhook/store';

export interface KeeperDeps {
  readonly keepArchive: () => Promise<boolean>;
  readonly forgetExpired: () => Promise<boolean>;
  readonly retention: Pick<Retention, 'backlog'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly logger: Logger;
  readonly everyMs: number;
}

/** Looks after calls that have ended, for as long as there are any. Every hangup process does: each call is given to one at a time. */
export async function runKeeper(deps: KeeperDeps, signal: AbortSignal): Promise<void> {
  const { retention, timers, logger, clock, everyMs } = deps;
  const seldom = createSeldom({ clock });

  while (!signal.aborted) {
    // First the archive: what it does not have is not forgotten.
    const hasMore = [
      await tried('calls could not be archived', deps.keepArchive),
      await tried('expired calls could not be forgotten', deps.forgetExpired),
    ];
    if (!hasMore.includes(true)) await timers.sleep(everyMs, signal);
  }

  async function tried(what: string, run: () => Promise<boolean>): Promise<boolean> {
    try {
      return await run();
    } catch (error) {
      // A full disk, or Redis away: nothing is lost, for nothing expires meanwhile. But Redis fills up.
      if (seldom(what)) logger.error({ err: error, backlog: await retention.backlog().catch(() => null) }, what);
      return false;
    }
  }
}
