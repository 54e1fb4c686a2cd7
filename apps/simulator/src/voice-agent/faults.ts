import type { Timers, Timer } from '@onhook/service';
import type { Faults } from './scripts.js';

export interface FaultActs {
  drop: () => void;
  expire: () => void;
  error: () => void;
  silence: () => void;
}

/** Arranges for what goes wrong later in a session. Returns how to call it off. */
export function arrangeFaults(faults: Faults, { drop, expire, error, silence }: FaultActs, timers: Timers): () => void {
  const arranged: Timer[] = [];
  const at = (ms: number | undefined, act: () => void): void => {
    if (ms !== undefined) arranged.push(timers.after(ms, act));
  };
  at(faults.dropAfterMs, drop);
  at(faults.expireAfterMs, expire);
  at(faults.errorAfterMs, error);
  at(faults.silentAfterMs, silence);
  return () => arranged.forEach((timer) => timer.cancel());
}
