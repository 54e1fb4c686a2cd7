/** Chance that repeats: one seed, one sequence. */
export interface Dice {
  /** [0, 1). */
  fraction(): number;
  /** Whole, both ends included. */
  between(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  /** By weight; the keys of `from` are what may be picked. */
  weighted<K extends string>(from: Readonly<Record<K, number>>): K;
  shuffle<T>(list: readonly T[]): T[];
}

export function seeded(seed: number): Dice {
  let state = seed >>> 0;
  // mulberry32: small, and good enough to choose what goes wrong.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  return {
    fraction,
    between,
    pick: (from) => from[between(0, from.length - 1)]!,
    weighted(from) {
      const entries = Object.entries(from) as [keyof typeof from, number][];
      let left = fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) if ((left -= weight) < 0) return key;
      return entries.at(-1)![0];
    },
    shuffle(list) {
      const left = [...list];
      for (let i = left.length - 1; i > 0; i--) {
        const j = between(0, i);
        [left[i], left[j]] = [left[j]!, left[i]!];
      }
      return left;
    },
  };
}
