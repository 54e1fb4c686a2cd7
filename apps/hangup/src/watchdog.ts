import type { Clock, Logger, Timers } from '@onhook/service';
import type { Calls } from '@onhook/store';
import type { Perform } from './perform.js';
import type { Tend } from './tend.js';

export interface WatchdogDeps {
  readonly calls: Pick<Calls, 'due' | 'expiredLeases' | 'apply'>;
  readonly tend: Tend;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly everyMs: number;
  /** How long a media lease lasts. Leases are judged only after scans have succeeded without a gap for as long. */
  readonly leaseTtlMs: number;
}

const AT_ONCE = 20;

/**
 * The layer behind the queue: applies every deadline that has passed and then tends the call itself, so that a lost job, a
 * lost effect or a dead worker costs time and nothing else. Never judges by age alone.
 */
export async function runWatchdog(deps: WatchdogDeps, signal: AbortSignal): Promise<void> {
  const { timers, clock, logger, everyMs, leaseTtlMs } = deps;
  let goodSince: number | null = null;
  let lastScanAt = clock.monotonicMs();
  while (!signal.aborted) {
    const now = clock.monotonicMs();
    // A Redis outage or a freeze of this process kept owners from being seen renewing: wait one TTL before judging them.
    if (now - lastScanAt > leaseTtlMs / 2) goodSince = null;
    lastScanAt = now;
    try {
      await passDeadlines(deps);
      goodSince ??= now;
      if (now - goodSince >= leaseTtlMs) await loseOwners(deps);
    } catch (error) {
      goodSince = null;
      logger.warn({ err: error }, 'watchdog scan failed');
    }
    await timers.sleep(everyMs, signal);
  }
}

async function passDeadlines({ calls, tend, perform, logger }: WatchdogDeps): Promise<void> {
  const due = await calls.due(AT_ONCE * 5);
  await atMost(
    AT_ONCE,
    due,
    async ({ callId, deadline }) => {
      const applied = await calls.apply(callId, { type: 'deadline-passed', deadline, source: 'watchdog' });
      if (!applied || applied.verdict === 'no-news') return;
      logger.info({ callId, state: applied.call.state }, 'deadline passed');
      await perform(
        callId,
        applied.effects.filter((effect) => effect.type !== 'wake-hangup'),
      );
      if (applied.effects.some((effect) => effect.type === 'wake-hangup')) await tend(callId, 'watchdog');
    },
    logger,
  );
}

async function loseOwners({ calls, tend, perform, logger }: WatchdogDeps): Promise<void> {
  const expired = await calls.expiredLeases(AT_ONCE * 5);
  await atMost(
    AT_ONCE,
    expired,
    async ({ callId, streamSid, gatewayId }) => {
      const applied = await calls.apply(callId, { type: 'owner-lost', streamSid, source: 'watchdog' });
      if (!applied || applied.verdict === 'no-news') return;
      logger.warn({ callId, gatewayId, state: applied.call.state }, 'owner was lost');
      await perform(
        callId,
        applied.effects.filter((effect) => effect.type !== 'wake-hangup'),
      );
      if (applied.effects.some((effect) => effect.type === 'wake-hangup')) await tend(callId, 'watchdog');
    },
    logger,
  );
}

/** One call's trouble must not keep the others waiting for their end. */
async function atMost<T>(limit: number, items: readonly T[], run: (item: T) => Promise<void>, logger: Logger): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await run(item);
      } catch (error) {
        logger.error({ err: error }, 'watchdog could not tend a call');
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
