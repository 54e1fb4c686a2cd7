import type { Clock, Timer, Timers } from '@onhook/service';
import { frameMs } from './telephone-audio.js';

export interface Ticker {
  /** Runs for every 20 ms step from now on, each with the moment at which it was due. Returns how to stop. */
  add(onDue: (dueMs: number) => void): () => void;
  close(): void;
}

/**
 * One heartbeat for every line of the simulator. Step n is due at origin + n × 20 ms on the monotonic clock, for ever: a
 * late step is made up for, never pushed on, so that no stream drifts.
 */
export function createTicker({ clock, timers }: { clock: Clock; timers: Timers }): Ticker {
  const originMs = clock.monotonicMs();
  const runs = new Set<(dueMs: number) => void>();
  let timer: Timer | undefined;
  let nextStep = 0;

  const dueOf = (step: number): number => originMs + step * frameMs;

  function wait(): void {
    timer = timers.after(Math.max(0, Math.ceil(dueOf(nextStep) - clock.monotonicMs())), tick);
  }

  function tick(): void {
    const nowMs = clock.monotonicMs();
    for (; dueOf(nextStep) <= nowMs; nextStep++) {
      const dueMs = dueOf(nextStep);
      for (const run of runs) run(dueMs);
    }
    if (runs.size > 0) wait();
    else timer = undefined;
  }

  return {
    add(onDue) {
      runs.add(onDue);
      if (!timer) {
        nextStep = Math.ceil((clock.monotonicMs() - originMs) / frameMs);
        wait();
      }
      return () => void runs.delete(onDue);
    },
    close() {
      runs.clear();
      timer?.cancel();
      timer = undefined;
    },
  };
}
