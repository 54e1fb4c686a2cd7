import type { Clock, LoopUsage, Timers } from '@onhook/service';

/** How busy this process is, over the last second. Every frame of every call passes one thread: if it is late, all are. */
export interface Load {
  /** Share of the time in which the event loop worked, 0 to 1. */
  readonly utilisation: number;
  /** How late a timer is, in the middle of the last ten: one long pause is not seen, a loop that is always late is. */
  readonly lagMs: number;
}

export interface LoadGauge {
  /** Cheap: the last sample's figures, at most 100 ms old. */
  current(): Load;
  stop(): void;
}

interface LoadGaugeDeps {
  readonly loop: LoopUsage;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Pick<Timers, 'every'>;
  /** After each sample. */
  readonly onSample?: (load: Load) => void;
}

export const SAMPLE_EVERY_MS = 100;
const SAMPLES = 10;

export function createLoadGauge({ loop, clock, timers, onSample }: LoadGaugeDeps): LoadGauge {
  let lastAt = clock.monotonicMs();
  /** One more than lateness needs: utilisation is between the first and the last. */
  let usages = [loop.sample()];
  let lags: number[] = [];
  let load: Load = { utilisation: 0, lagMs: 0 };

  const timer = timers.every(SAMPLE_EVERY_MS, () => {
    const at = clock.monotonicMs();
    lags = [...lags.slice(1 - SAMPLES), Math.max(0, at - lastAt - SAMPLE_EVERY_MS)];
    usages = [...usages.slice(-SAMPLES), loop.sample()];
    lastAt = at;
    const [first, last] = [usages[0]!, usages.at(-1)!];
    const activeMs = last.activeMs - first.activeMs;
    const allMs = activeMs + last.idleMs - first.idleMs;
    load = {
      utilisation: allMs > 0 ? Math.min(1, Math.max(0, activeMs / allMs)) : 0,
      lagMs: lags.toSorted((a, b) => a - b)[lags.length >> 1]!,
    };
    onSample?.(load);
  });

  return { current: () => load, stop: () => timer.cancel() };
}
