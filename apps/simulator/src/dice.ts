/** A number in [0, 1). */
export type Fraction = () => number;

/** Chance that can be repeated: the same seed and the same name give the same numbers, whatever else happens in between. */
export interface Dice {
  readonly seed: number;
  of(name: string): Fraction;
}

/** @param seed a whole number from 0 to 2³² − 1 */
export function createDice(seed: number): Dice {
  return { seed, of: (name) => mulberry32(hashOf(`${seed} ${name}`)) };
}

function mulberry32(seed: number): Fraction {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
