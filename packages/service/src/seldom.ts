import type { Clock } from './clock.js';

/** Whether it is time again to say something about this. */
export type Seldom = (key: string) => boolean;

/** Once per `everyMs` for each key, so that what comes again and again does not fill the log. Keeps `mostKeys` at most. */
export function createSeldom({
  clock,
  everyMs = 60_000,
  mostKeys = 1_000,
}: {
  clock: Pick<Clock, 'monotonicMs'>;
  everyMs?: number;
  mostKeys?: number;
}): Seldom {
  /** The key said longest ago comes first. */
  const saidAt = new Map<string, number>();
  return function isTime(key) {
    const now = clock.monotonicMs();
    const last = saidAt.get(key);
    if (last !== undefined && now - last < everyMs) return false;
    saidAt.delete(key);
    saidAt.set(key, now);
    if (saidAt.size > mostKeys) saidAt.delete(saidAt.keys().next().value!);
    return true;
  };
}
