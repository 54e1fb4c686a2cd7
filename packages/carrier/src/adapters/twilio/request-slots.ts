/** `end`: before everything else. A `create` may take 15 s, and a `look` that is a list longer: together they never have all slots. */
export type RequestKind = 'end' | 'look' | 'create';

/** Runs what it is given as soon as one of a few slots is free. */
export interface RequestSlots {
  run<T>(kind: RequestKind, request: () => Promise<T>): Promise<T>;
}

/** A fifth of the slots is taken by ends only: a hangup waits for no dial and for no list. */
const KEPT_FOR_ENDS = 0.2;

/**
 * Bounds the requests under way at a time: a thousand calls that end at once must not become a thousand requests, of which the
 * carrier refuses most (Twilio error 20429). A request's own time begins when it has its slot.
 */
export function createRequestSlots(atOnce: number): RequestSlots {
  const waiting: Record<RequestKind, (() => void)[]> = { end: [], look: [], create: [] };
  const mostOthers = Math.max(1, Math.floor(atOnce * (1 - KEPT_FOR_ENDS)));
  let free = atOnce;
  let others = 0;

  const mayBegin = (kind: RequestKind): boolean => free > 0 && (kind === 'end' || others < mostOthers);

  function begin(kind: RequestKind): void {
    free--;
    if (kind !== 'end') others++;
  }

  function slot(kind: RequestKind): Promise<void> | undefined {
    if (!mayBegin(kind)) return new Promise((resolve) => waiting[kind].push(resolve));
    begin(kind);
    return undefined;
  }

  function giveBack(kind: RequestKind): void {
    free++;
    if (kind !== 'end') others--;
    for (const next of ['end', 'look', 'create'] as const) {
      if (waiting[next].length === 0 || !mayBegin(next)) continue;
      begin(next);
      return waiting[next].shift()?.();
    }
  }

  return {
    async run(kind, request) {
      await slot(kind);
      try {
        return await request();
      } finally {
        giveBack(kind);
      }
    },
  };
}
