import type { Logger, Timer, Timers } from '@onhook/service';
import type { CallActs } from './call-acts.js';

/** The keys that the callee presses. */
export interface Digits {
  /** One of 0–9, A–D, * and #. */
  pressed(digit: string): void;
  stop(): void;
}

interface DigitsDeps {
  readonly acts: Pick<CallActs, 'tell' | 'breakIn'>;
  /** The call is on its way to its end or to somebody else: a key says that the callee wants something of us now. */
  readonly isLeaving: () => boolean;
  readonly timers: Pick<Timers, 'after'>;
  readonly guarded: (run: () => void) => void;
  readonly logger: Logger;
}

/** Longer than between two keys of one number, short enough not to seem deaf. */
const PAUSE_MS = 2_000;
const MOST_DIGITS = 32;

/** Collects keys until a pause, or `#`, and lets the agent hear of them together: a number is one thing to say. */
export function createDigits({ acts, isLeaving, timers, guarded, logger }: DigitsDeps): Digits {
  let collected: string[] = [];
  let timer: Timer | null = null;

  function flush(): void {
    timer?.cancel();
    timer = null;
    if (collected.length === 0) return;
    const digits = collected.join(' ');
    // The digits themselves can be a secret: only how many there were.
    logger.info({ count: collected.length }, 'callee pressed keys');
    collected = [];
    acts.tell(`[The caller pressed ${digits}]`, `[pressed ${digits}]`);
  }

  return {
    pressed(digit) {
      collected.push(digit);
      timer?.cancel();
      if (digit === '#' || collected.length >= MOST_DIGITS) return flush();
      // More may follow, but by then the call would have left.
      if (isLeaving()) acts.breakIn();
      timer = timers.after(PAUSE_MS, () => guarded(flush));
    },
    stop: () => timer?.cancel(),
  };
}
