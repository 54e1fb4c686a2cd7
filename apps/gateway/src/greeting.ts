import { MU_LAW_BYTES_PER_MS } from '@onhook/audio';

/**
 * The first words of a call. Until the callee has heard them the agent is not let to end the call, and (if protected)
 * hears silence from the callee: the "Hello?" of somebody who picks up must not wipe out the words that say who calls,
 * and that it is a machine.
 */
export interface Greeting {
  audio(item: { turnId: string; itemId: string }, bytes: number, atMs: number): void;
  /** A turn that did not fail. `say-again`: it was the first and came to nothing; its words are still unsaid. */
  turnDone(turnId: string): 'say-again' | 'go-on';
  interrupted(): void;
  /** @param heardMs how much of an item was heard by now */
  isOver(atMs: number, heardMs: (itemId: string) => number): boolean;
}

/** An answer may begin this long before the greeting has quite ended. */
const OVERLAP_MS = 500;
/** A provider that never says that the turn is done: quiet this long, and it is. */
const QUIET_MS = 3_000;

export function createGreeting(): Greeting {
  let turn: string | null = null;
  /** Sent milliseconds by item. */
  const items = new Map<string, number>();
  let lastAudioAt = 0;
  let done = false;
  let over = false;
  let wasSilent = false;
  return {
    audio({ turnId, itemId }, bytes, atMs) {
      turn ??= turnId;
      if (turn !== turnId) return;
      items.set(itemId, (items.get(itemId) ?? 0) + bytes / MU_LAW_BYTES_PER_MS);
      lastAudioAt = atMs;
    },
    turnDone(turnId) {
      if (turn === turnId) done = true;
      if (turn !== null || over) return 'go-on';
      // Without a sound a second time: there will be no greeting.
      over = wasSilent;
      wasSilent = true;
      return over ? 'go-on' : 'say-again';
    },
    interrupted: () => void (over = true),
    isOver(atMs, heardMs) {
      if (over || turn === null) return over;
      let unheardMs = 0;
      for (const [itemId, sentMs] of items) unheardMs += sentMs - heardMs(itemId);
      over = (done && unheardMs <= OVERLAP_MS) || (unheardMs < 1 && atMs - lastAudioAt >= QUIET_MS);
      return over;
    },
  };
}
