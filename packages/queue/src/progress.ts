import type { Clock, Logger, Timers } from '@onhook/service';

/** One look at a worker and its queue. */
export interface Progress {
  /** Jobs that could be taken at once: none while the queue is held or paused. */
  readonly waiting: number;
  /** Jobs that this worker has ever begun, and those that it has done with. */
  readonly begun: number;
  readonly done: number;
  readonly concurrency: number;
}

/** Work waits, Redis answers, and this worker with a free hand takes none. */
const IDLE_FOR_MS = 10_000;
/**
 * All its hands are full, and none comes free. A deaf worker's hands are free; these are at work, and while the carrier is slow a job takes
 * more than half a minute. To end the process could put each of its dials in doubt.
 */
const FULL_FOR_MS = 60_000;

export interface Standstill {
  readonly look: Progress;
  readonly sinceMs: number;
}

/** Since when nothing has moved; null while something does, or nothing waits. Pure. */
export function standstillOf(before: Standstill | null, look: Progress, nowMs: number): Standstill | null {
  if (look.waiting === 0) return null;
  const hasMoved = before !== null && (before.look.begun !== look.begun || before.look.done !== look.done);
  return before === null || hasMoved ? { look, sinceMs: nowMs } : before;
}

export function isStuck({ look, sinceMs }: Standstill, nowMs: number): boolean {
  const isFull = look.begun - look.done >= look.concurrency;
  return nowMs - sinceMs >= (isFull ? FULL_FOR_MS : IDLE_FOR_MS);
}

export interface WatchProgressDeps {
  readonly progress: () => Promise<Progress>;
  /** Called once. What is stuck cannot be mended from inside: the process ends, and its supervisor starts another. */
  readonly onStuck: () => void;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'sleep'>;
  readonly logger: Logger;
  readonly everyMs?: number;
}

/**
 * Ends a worker that has gone deaf: clients of Redis have been seen to wait for ever after a failover, with a healthy connection and
 * no error. Judges only while Redis answers.
 */
export async function watchProgress(
  { progress, onStuck, clock, timers, logger, everyMs = 2_000 }: WatchProgressDeps,
  signal: AbortSignal,
): Promise<void> {
  let standstill: Standstill | null = null;
  while (!signal.aborted) {
    try {
      const look = await progress();
      standstill = standstillOf(standstill, look, clock.monotonicMs());
      if (standstill && isStuck(standstill, clock.monotonicMs())) {
        logger.fatal({ ...look, forMs: Math.round(clock.monotonicMs() - standstill.sinceMs) }, 'work waits and nothing moves');
        return onStuck();
      }
    } catch {
      // Redis is away, which others log: nobody can know whether work waits.
      standstill = null;
    }
    await timers.sleep(everyMs, signal);
  }
}
