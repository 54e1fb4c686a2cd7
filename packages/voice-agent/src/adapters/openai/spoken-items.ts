/** 8 000 bytes of µ-law are one second. */
const BYTES_PER_MS = 8;

interface SpokenItem {
  readonly responseId: string;
  bytes: number;
  isDone: boolean;
}

/** What of the agent's speech was generated, and which responses are cut off. Items are forgotten, oldest first, beyond a bound. */
export interface SpokenItems {
  /** False: the response was cut off, this is late. */
  add(responseId: string, itemId: string, bytes: number): boolean;
  /** False: said already. */
  finish(itemId: string): boolean;
  /** The items of a response of which no end was heard, now ended. */
  finishAll(responseId: string): string[];
  cutOff(responseId: string): void;
  isCutOff(responseId: string): boolean;
  find(itemId: string): { responseId: string; generatedMs: number; isDone: boolean } | null;
}

const KEPT = 200;

export function createSpokenItems(): SpokenItems {
  const items = new Map<string, SpokenItem>();
  const cutOff = new Set<string>();

  return {
    add(responseId, itemId, bytes) {
      if (cutOff.has(responseId)) return false;
      let item = items.get(itemId);
      if (!item) items.set(itemId, (item = { responseId, bytes: 0, isDone: false }));
      item.bytes += bytes;
      forgetOldest(items);
      return true;
    },
    finish(itemId) {
      const item = items.get(itemId);
      if (!item || item.isDone) return false;
      item.isDone = true;
      return true;
    },
    finishAll(responseId) {
      const open = [...items].filter(([, item]) => item.responseId === responseId && !item.isDone);
      for (const [, item] of open) item.isDone = true;
      return open.map(([itemId]) => itemId);
    },
    cutOff(responseId) {
      cutOff.add(responseId);
      forgetOldest(cutOff);
    },
    isCutOff: (responseId) => cutOff.has(responseId),
    find(itemId) {
      const item = items.get(itemId);
      return item
        ? { responseId: item.responseId, generatedMs: Math.floor(item.bytes / BYTES_PER_MS), isDone: item.isDone }
        : null;
    },
  };
}

function forgetOldest(kept: Map<string, unknown> | Set<string>): void {
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}
