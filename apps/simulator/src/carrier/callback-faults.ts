import type { Timer, Timers } from '@onhook/service';
import type { FaultTable, Occasion } from '../faults.js';

/** What happens to a callback on its way out. `send` resolves when it was answered, or could not be. */
export interface CallbackFaults {
  /** False: it is lost. */
  pass(send: () => Promise<void>, occasion: Occasion): boolean;
}

interface Held {
  send: () => Promise<void>;
  patience: Timer;
}

export function createCallbackFaults({ faults, timers }: { faults: FaultTable; timers: Timers }): CallbackFaults {
  /** By call: what waits to be overtaken. */
  const held = new Map<string, Held>();

  function release(callSid: string): void {
    const one = held.get(callSid);
    if (!one) return;
    held.delete(callSid);
    one.patience.cancel();
    void one.send();
  }

  return {
    pass(send, occasion) {
      if (faults.strikes('callback-lost', occasion)) return false;
      const callSid = occasion.callSid ?? '';
      const isTwice = faults.strikes('callback-twice', occasion) !== undefined;
      const once = isTwice ? (): Promise<void> => Promise.all([send(), send()]).then(() => undefined) : send;
      const late = faults.strikes('callback-late', occasion);
      if (late) {
        timers.after(late.delayMs, () => void once());
        return true;
      }
      const reordered = held.has(callSid) ? undefined : faults.strikes('callback-reordered', occasion);
      if (reordered) {
        held.set(callSid, { send: once, patience: timers.after(reordered.delayMs, () => release(callSid)) });
        return true;
      }
      void once().then(() => release(callSid));
      return true;
    },
  };
}
