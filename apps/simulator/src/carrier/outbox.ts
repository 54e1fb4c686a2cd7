import type { Clock, Timer, Timers } from '@onhook/service';

/** What goes to the server, in order: usually at once; behind a delayed message, not before it. */
export interface Outbox {
  post(send: () => void, delayMs?: number): void;
  /** Sends what is held back now. */
  flush(): void;
  drop(): void;
  isEmpty(): boolean;
}

export function createOutbox({ clock, timers }: { clock: Clock; timers: Timers }): Outbox {
  let held: { send: () => void; dueMs: number }[] = [];
  let timer: Timer | undefined;

  function wait(): void {
    const [first] = held;
    timer = first && timers.after(Math.max(0, first.dueMs - clock.monotonicMs()), sendDue);
  }

  function sendDue(): void {
    const nowMs = clock.monotonicMs();
    // A timer may fire a little before its time.
    while (held[0] && held[0].dueMs <= nowMs + 1) held.shift()?.send();
    wait();
  }

  return {
    post(send, delayMs = 0) {
      if (delayMs <= 0 && held.length === 0) return send();
      const lastDueMs = held.at(-1)?.dueMs ?? 0;
      held.push({ send, dueMs: Math.max(lastDueMs, clock.monotonicMs() + delayMs) });
      if (!timer) wait();
    },
    flush() {
      timer?.cancel();
      timer = undefined;
      for (const { send } of held.splice(0)) send();
    },
    drop() {
      timer?.cancel();
      timer = undefined;
      held = [];
    },
    isEmpty: () => held.length === 0,
  };
}
