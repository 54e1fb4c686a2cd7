import type { Timers } from '@onhook/service';

/** Prints lines by the moment of what they tell of, although they come from two sources that differ in haste. */
export interface InOrder {
  tell(atMs: number, line: string): void;
  /** Prints what is left and stops. */
  end(): void;
}

/** The slower source (the polled timeline) is this much behind at the most. */
const PATIENCE_MS = 500;

export function createInOrder({ timers, print }: { timers: Timers; print: (atMs: number, line: string) => void }): InOrder {
  const waiting: { atMs: number; line: string; round: number }[] = [];
  let round = 0;
  const flush = (olderThan: number): void => {
    waiting.sort((a, b) => a.atMs - b.atMs);
    // A line waits for its turn behind an earlier moment, never longer than one round more than it must.
    while (waiting[0] && waiting[0].round < olderThan) {
      const next = waiting.shift();
      if (next) print(next.atMs, next.line);
    }
  };
  const ticking = timers.every(PATIENCE_MS, () => flush(round++));
  return {
    tell: (atMs, line) => void waiting.push({ atMs, line, round }),
    end() {
      ticking.cancel();
      flush(Number.POSITIVE_INFINITY);
    },
  };
}
