/** Last words take the place of whatever else was to be said: until their response begins, every other one is dropped. */
export interface LastWords {
  /** @returns the tag that their response will carry */
  ask(): string;
  /**
   * A response has begun. True: it is another one.
   *
   * @param tag as the provider echoes it; undefined: this one echoes none
   * @param isAwaited the last words were sent and nothing has answered them yet
   */
  drops(tag: string | null | undefined, isAwaited: boolean): boolean;
}

export function createLastWords(): LastWords {
  let awaited: string | null = null;
  let count = 0;
  return {
    ask: () => (awaited = `last-words-${++count}`),
    drops(tag, isAwaited) {
      if (awaited === null) return false;
      const isTheirs = tag === undefined ? isAwaited : tag === awaited;
      if (isTheirs) awaited = null;
      return !isTheirs;
    },
  };
}
