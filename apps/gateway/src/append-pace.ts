import type { Logger } from '@onhook/service';
import type { Load } from './load-gauge.js';

/** How much of a callee's audio goes to the agent in one message, in milliseconds. */
export type AppendMs = 20 | 60 | 100;

/**
 * Adaptive: every frame by itself while this process is at ease, three and five at once as its event loop fills up. A message for
 * every frame is the most of what a call costs; waiting for the third or fifth costs the agent's ear 40 or 80 ms at the most.
 */
export interface AppendPace {
  readonly setting: AppendMs | 'adaptive';
  ms(): AppendMs;
  /** A new sample of the load. */
  look(load: Pick<Load, 'utilisation'>): void;
}

/** Up from this share of the time in which the event loop works; down again only well below, so that it does not go to and fro. */
const STEPS: readonly { readonly ms: AppendMs; readonly from: number; readonly until: number }[] = [
  { ms: 100, from: 0.7, until: 0.5 },
  { ms: 60, from: 0.5, until: 0.35 },
];

export function createAppendPace({ setting, logger }: { setting: AppendMs | 'adaptive'; logger: Logger }): AppendPace {
  let ms: AppendMs = setting === 'adaptive' ? 20 : setting;
  return {
    setting,
    ms: () => ms,
    look({ utilisation }) {
      if (setting !== 'adaptive') return;
      const wanted = STEPS.find((step) => utilisation >= (ms >= step.ms ? step.until : step.from))?.ms ?? 20;
      if (wanted === ms) return;
      logger.info(
        { appendMs: wanted, before: ms, utilisation: Math.round(utilisation * 100) / 100 },
        'appends changed their length',
      );
      ms = wanted;
    },
  };
}
