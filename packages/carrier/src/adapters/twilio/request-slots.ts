/** Runs what it is given as soon as one of a few slots is free. */
export interface RequestSlots {
  /** @param urgent before everything that is not */
  run<T>(request: () => Promise<T>, urgent?: boolean): Promise<T>;
}

/**
 * Bounds the requests under way at a time: a thousand calls that end at once must not become a thousand requests, of which the
 * carrier refuses most (Twilio error 20429). A request's own time begins when it has its slot.
 */
export function createRequestSlots(atOnce: number): RequestSlots {
  const urgentOnes: (() => void)[] = [];
  const others: (() => void)[] = [];
  let free = atOnce;

  function slot(urgent: boolean): Promise<void> | undefined {
    if (free > 0) return void free--;
    return new Promise((resolve) => (urgent ? urgentOnes : others).push(resolve));
  }

  function giveBack(): void {
    const next = urgentOnes.shift() ?? others.shift();
    if (next) next();
    else free++;
  }

  return {
    async run(request, urgent = false) {
      await slot(urgent);
      try {
        return await request();
      } finally {
        giveBack();
      }
    },
  };
}
