import { readFileSync } from 'node:fs';
import { systemClock, systemTimers } from '@onhook/service';
import { stolenTicksOf, type StealLook } from './lateness.js';

/** Those are the slices in which a measurement counts, or does not. */
const sliceMs = 100;

/** Looks at the machine's steal every 100 ms, for ever, and calls with each look. The list grows. */
export function startLooking(onLook?: (look: StealLook) => void): readonly StealLook[] {
  const looks: StealLook[] = [];
  function look(): void {
    const seen = { atMs: systemClock.monotonicMs(), stolenTicks: stolenTicksOf(procStat()) };
    looks.push(seen);
    onLook?.(seen);
    systemTimers.after(sliceMs, look);
  }
  look();
  return looks;
}

function procStat(): string {
  try {
    return readFileSync('/proc/stat', 'latin1');
  } catch {
    // Not on Linux: no steal is known, every slice is kept.
    return '';
  }
}
