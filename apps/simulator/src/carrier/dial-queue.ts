import type { Clock, Timer, Timers } from '@onhook/service';

/** The account's calls per second. What is too much waits in the queue, and is given up after a day. */
export interface DialQueue {
  /**
   * Calls `onTurn` when the rate allows the call to be dialled: at once if nobody waits and there is a token. `onExpired` is
   * called instead if it has waited too long.
   */
  enter(onTurn: () => void, onExpired: () => void): QueuedCall;
  /** Nobody has a turn any more. */
  close(): void;
}

export interface QueuedCall {
  /** How long it would have to wait, as it came; milliseconds. */
  readonly estimateMs: number;
  leave(): void;
}

export const dayMs = 24 * 3_600_000;

/**
 * A token bucket: `callsPerSecond` in the long run, and a burst of a second's worth (Twilio, help article 223180028; its
 * default is one call a second). No rate: every call has its turn at once.
 */
export function createDialQueue({
  callsPerSecond,
  expiryMs = dayMs,
  clock,
  timers,
}: {
  callsPerSecond?: number | undefined;
  expiryMs?: number | undefined;
  clock: Clock;
  timers: Timers;
}): DialQueue {
  if (callsPerSecond === undefined) {
    return {
      enter: (onTurn) => (onTurn(), { estimateMs: 0, leave: () => undefined }),
      close: () => undefined,
    };
  }
  const rate = callsPerSecond;
  const capacity = Math.max(1, Math.floor(rate));
  const waiting = new Set<() => void>();
  let tokens = capacity;
  let countedAtMs = clock.monotonicMs();
  let timer: Timer | undefined;

  function refill(): void {
    const nowMs = clock.monotonicMs();
    tokens = Math.min(capacity, tokens + ((nowMs - countedAtMs) / 1_000) * rate);
    countedAtMs = nowMs;
  }

  function serve(): void {
    timer?.cancel();
    timer = undefined;
    refill();
    for (const take of waiting) {
      // A thousandth: the sum of many refills is never quite a whole token.
      if (tokens < 0.999) break;
      tokens -= 1;
      take();
    }
    if (waiting.size > 0) timer = timers.after(Math.max(1, Math.ceil(((1 - tokens) / rate) * 1_000)), serve);
  }

  return {
    enter(onTurn, onExpired) {
      refill();
      const estimateMs = Math.max(0, Math.ceil(((waiting.size + 1 - tokens) / rate) * 1_000));
      const leave = (): void => {
        expiry.cancel();
        waiting.delete(take);
      };
      const take = (): void => {
        leave();
        onTurn();
      };
      const expiry = timers.after(expiryMs, () => {
        leave();
        onExpired();
      });
      waiting.add(take);
      serve();
      return { estimateMs, leave };
    },
    close() {
      timer?.cancel();
      waiting.clear();
    },
  };
}
