import type { Clock, Timer, Timers } from '@onhook/service';
import { frameMs } from './telephone-audio.js';

export interface Ticker {
  /** Runs for every 20 ms step from now on, each with the moment at which it was due. Returns how to stop. */
  add(onDue: (dueMs: number) => void): () => void;
  close(): void;
}

/** From one look at the time to the next: what becomes due in between is run together, which costs a tenth less. */
const betweenLooksMs = 2;
/** The lines of the simulator do not all beat at once: each has one of these phases of a step, a millisecond apart. */
const phases = frameMs;

/**
 * One heartbeat for every line of the simulator. A line's step n is due at origin + phase + n × 20 ms on the monotonic
 * clock, for ever: a late step is made up for, never pushed on, so that no stream drifts.
 */
export function createTicker({ clock, timers }: { clock: Clock; timers: Timers }): Ticker {
  const originMs = clock.monotonicMs();
  const runs = Array.from({ length: phases }, () => new Set<(dueMs: number) => void>());
  let count = 0;
  let timer: Timer | undefined;
  /** Milliseconds of the grid, from the origin: the first one that has not been run. */
  let nextMs = 0;

  function wait(atLeastMs: number): void {
    timer?.cancel();
    timer = undefined;
    if (count === 0) return;
    let dueMs = nextMs;
    while (runs[dueMs % phases]!.size === 0) dueMs++;
    timer = timers.after(Math.max(atLeastMs, Math.ceil(originMs + dueMs - clock.monotonicMs())), tick);
  }

  function tick(): void {
    const nowMs = clock.monotonicMs();
    while (originMs + nextMs <= nowMs) {
      const dueMs = originMs + nextMs;
      const due = runs[nextMs % phases]!;
      nextMs++;
      for (const run of due) run(dueMs);
    }
    wait(betweenLooksMs);
  }

  return {
    add(onDue) {
      if (count === 0) nextMs = Math.ceil(clock.monotonicMs() - originMs);
      // The least crowded phase; of several the first, so that a lone line beats on the origin's grid.
      const mine = runs.reduce((best, phase) => (phase.size < best.size ? phase : best));
      // A function that is added twice runs twice.
      const run = (dueMs: number): void => onDue(dueMs);
      mine.add(run);
      count++;
      wait(0);
      return () => {
        if (mine.delete(run)) count--;
      };
    },
    close() {
      for (const phase of runs) phase.clear();
      count = 0;
      timer?.cancel();
      timer = undefined;
    },
  };
}
