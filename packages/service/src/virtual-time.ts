import type { Chance } from './chance.js';
import { uuidv7From } from './chance.js';
import type { Clock, Timer, Timers } from './clock.js';

export interface VirtualTime extends Clock, Timers {
  /** Moves time on, running what falls due in order, and lets promises settle between. */
  advance(ms: number): Promise<void>;
}

/** A clock that stands still until it is told to move. For tests and the simulation. */
export function createVirtualTime(startMs = 1_700_000_000_000): VirtualTime {
  let nowMs = startMs;
  let order = 0;
  const due = new Map<number, { at: number; order: number; run: () => void }>();

  function schedule(ms: number, run: () => void): Timer & { key: number } {
    const key = order++;
    due.set(key, { at: nowMs + Math.max(0, ms), order: key, run });
    return { key, cancel: () => void due.delete(key) };
  }

  const time: VirtualTime = {
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    after: (ms, run) => schedule(ms, run),
    every(ms, run) {
      let timer: Timer;
      const tick = (): void => {
        timer = schedule(ms, tick);
        run();
      };
      timer = schedule(ms, tick);
      return { cancel: () => timer.cancel() };
    },
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = (): void => {
          timer.cancel();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = schedule(ms, done);
        signal?.addEventListener('abort', done, { once: true });
      });
    },
    async advance(ms) {
      const end = nowMs + ms;
      await settle();
      for (;;) {
        const next = [...due.entries()]
          .filter(([, d]) => d.at <= end)
          .sort((a, b) => a[1].at - b[1].at || a[1].order - b[1].order)[0];
        if (!next) break;
        due.delete(next[0]);
        nowMs = Math.max(nowMs, next[1].at);
        next[1].run();
        await settle();
      }
      nowMs = end;
    },
  };
  return time;
}

async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** Chance from a seed (mulberry32): the same seed gives the same run. */
export function createSeededChance(seed: number, clock: Pick<Clock, 'now'>): Chance {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(fraction() * 256));
  return {
    fraction,
    bytes,
    uuid: () => {
      const b = bytes(16);
      b[6] = (b[6]! & 0x0f) | 0x40;
      b[8] = (b[8]! & 0x3f) | 0x80;
      const hex = Buffer.from(b).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    uuidv7: () => uuidv7From(clock.now(), bytes(10)),
  };
}
