/** Counts what is held at the same time, by anything that may be limited, and how often a limit was passed. */
export interface Tally {
  enter(what: string, most: number): void;
  leave(what: string): void;
  /** By what it was: how often it was entered above its limit. */
  readonly above: Readonly<Record<string, number>>;
}

export function createTally(): Tally {
  const held = new Map<string, number>();
  const above: Record<string, number> = {};
  return {
    above,
    enter(what, most) {
      const count = (held.get(what) ?? 0) + 1;
      held.set(what, count);
      if (count > most) above[what] = (above[what] ?? 0) + 1;
    },
    leave(what) {
      held.set(what, (held.get(what) ?? 0) - 1);
    },
  };
}

/** The most turns within any half-open second. */
export function mostInAnySecond(turnsUs: readonly number[]): number {
  const turns = turnsUs.toSorted((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < turns.length; last++) {
    while (turns[last]! - turns[first]! >= 1_000_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
