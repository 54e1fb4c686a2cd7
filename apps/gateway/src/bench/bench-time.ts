import type { Clock, Timer, Timers } from '@onhook/service';

/**
 * Time that moves only when it is told to, without a promise in between, but costs what the real one costs: a look at the bench's
 * clock is a look at the machine's.
 */
export interface BenchTime extends Clock, Timers {
  advance(ms: number): void;
}

export function createBenchTime(clock: Clock): BenchTime {
  let nowMs = 0;
  const timers = new Set<{ dueMs: number; everyMs: number | null; run: () => void }>();

  function schedule(ms: number, everyMs: number | null, run: () => void): Timer {
    const timer = { dueMs: nowMs + ms, everyMs, run };
    timers.add(timer);
    return { cancel: () => void timers.delete(timer) };
  }

  /** The real clock is asked and its answer not used. */
  function look(): number {
    return clock.monotonicMs() < 0 ? 0 : nowMs;
  }

  return {
    now: () => 1_700_000_000_000 + look(),
    monotonicMs: look,
    after: (ms, run) => schedule(ms, null, run),
    every: (ms, run) => schedule(ms, ms, run),
    sleep: (ms) => new Promise((resolve) => void schedule(ms, null, resolve)),
    advance(ms) {
      nowMs += ms;
      for (const timer of timers) {
        if (timer.dueMs > nowMs) continue;
        if (timer.everyMs === null) timers.delete(timer);
        else timer.dueMs += timer.everyMs;
        timer.run();
      }
    },
  };
}
