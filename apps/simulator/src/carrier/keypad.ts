/** A key sounds this long before the carrier knows it, and the next one follows after this pause. */
const keyMs = 120;
const pauseMs = 80;
const keys = '0123456789ABCD*#';

/** A hand at the callee's keypad: one key after another, by the line's clock. */
export interface Keypad {
  /** `w` waits half a second, `W` a whole one; what is no key is passed over. */
  press(digits: string, atMs: number): void;
  /** The keys that have been pressed by now, each handed out once. */
  due(nowMs: number): readonly string[];
}

const none: readonly string[] = [];

export function createKeypad(): Keypad {
  let waiting: { key: string; dueMs: number }[] = [];
  let freeAtMs = Number.NEGATIVE_INFINITY;

  return {
    press(digits, atMs) {
      let fromMs = Math.max(atMs, freeAtMs);
      for (const digit of digits) {
        const key = digit.toUpperCase();
        if (key === 'W') fromMs += digit === 'w' ? 500 : 1_000;
        if (!keys.includes(key)) continue;
        waiting.push({ key, dueMs: fromMs + keyMs });
        fromMs += keyMs + pauseMs;
      }
      freeAtMs = fromMs;
    },
    due(nowMs) {
      if (waiting.length === 0) return none;
      const pressed = waiting.filter((one) => one.dueMs <= nowMs).map((one) => one.key);
      if (pressed.length > 0) waiting = waiting.filter((one) => one.dueMs > nowMs);
      return pressed;
    },
  };
}
