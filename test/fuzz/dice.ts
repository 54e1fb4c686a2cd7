import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';

/** Chance from a seed, in the words of a fuzzer: the same seed draws the same session again. */
export interface Dice {
  /** A whole number from 0 up to, but without, `below`. */
  below(below: number): number;
  /** True once in so many. */
  oneIn(many: number): boolean;
  pick<T>(from: readonly T[]): T;
  bytes(count: number): Buffer;
}

export function createDice(seed: number): Dice {
  const chance = createSeededChance(scattered(seed), createVirtualTime());
  const below = (limit: number): number => Math.floor(chance.fraction() * limit);
  return {
    below,
    oneIn: (many) => below(many) === 0,
    pick: (from) => from[below(from.length)]!,
    bytes: (count) => Buffer.from(chance.bytes(count)),
  };
}

/** Neighbouring seeds would begin with nearly the same numbers. (The finaliser of MurmurHash3.) */
function scattered(seed: number): number {
  let bits = seed >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
