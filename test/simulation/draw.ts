import { createSeededChance } from '@onhook/service/virtual-time';
import type { Chance } from '@onhook/service';

/** Chance from a seed, with the questions that a simulation asks. */
export interface Draw extends Chance {
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
  happens(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** By weight. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T;
  hex(bytes: number): string;
}

/** @param stream another name, another independent sequence: what one part draws does not depend on how much another drew */
export function createDraw(seed: number, stream: string, now: () => number): Draw {
  let mixed = seed >>> 0;
  for (const letter of stream) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  const chance = createSeededChance(mixed, { now });
  const { fraction } = chance;
  return {
    ...chance,
    between: (low, high) => low + fraction() * (high - low),
    whole: (low, high) => low + Math.floor(fraction() * (high - low + 1)),
    happens: (probability) => fraction() < probability,
    pick: (from) => from[Math.floor(fraction() * from.length)]!,
    weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
      const entries = Object.entries(weights) as [T, number][];
      let rest = fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [name, weight] of entries) if ((rest -= weight) < 0) return name;
      return entries.at(-1)![0];
    },
    hex: (bytes) => Buffer.from(chance.bytes(bytes)).toString('hex'),
  };
}
