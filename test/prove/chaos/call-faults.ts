import type { FaultKind } from '@onhook/simulator';
import type { Dice } from './seeded.js';

interface CallFault {
  readonly kind: FaultKind;
  readonly probability?: number;
  readonly count?: number;
  readonly delayMs?: number;
}

/** What the carrier does wrong with one call. Those that may cost minutes until their outcome is certain stand apart. */
const USUAL: readonly ((dice: Dice) => CallFault)[] = [
  () => ({ kind: 'callback-lost', probability: 0.6 }),
  () => ({ kind: 'callback-twice', probability: 0.8 }),
  (dice) => ({ kind: 'callback-late', probability: 0.6, delayMs: dice.between(500, 6_000) }),
  () => ({ kind: 'callback-reordered', probability: 0.6, delayMs: 3_000 }),
  () => ({ kind: 'create-answer-last', delayMs: 4_000 }),
  () => ({ kind: 'create-429' }),
  () => ({ kind: 'create-5xx-after' }),
  () => ({ kind: 'create-drop-after' }),
  (dice) => ({ kind: 'create-slow-after', delayMs: dice.between(500, 4_000) }),
  () => ({ kind: 'update-5xx', count: 2 }),
  () => ({ kind: 'update-5xx-after' }),
  () => ({ kind: 'update-drop-after' }),
  (dice) => ({ kind: 'update-slow-after', delayMs: dice.between(500, 4_000) }),
  () => ({ kind: 'mark-lost', probability: 0.5 }),
  (dice) => ({ kind: 'stream-cut', delayMs: dice.between(500, 6_000) }),
  (dice) => ({ kind: 'stream-half-open', delayMs: dice.between(500, 6_000) }),
  () => ({ kind: 'stream-refused' }),
  (dice) => ({ kind: 'media-stall', probability: 0.01, delayMs: dice.between(500, 3_000) }),
  () => ({ kind: 'media-jitter', probability: 0.05, delayMs: 80 }),
  () => ({ kind: 'media-loss', probability: 0.03 }),
  (dice) => ({ kind: 'fetch-lag', probability: 0.8, delayMs: dice.between(1_000, 4_000) }),
  () => ({ kind: 'fetch-away', count: 2 }),
];
const SLOW_TO_PROVE: readonly ((dice: Dice) => CallFault)[] = [() => ({ kind: 'create-5xx-before' })];

/** @param isEarly there is time left to prove that a create was lost: two looks, the later 160 s after it */
export function drawCallFaults(dice: Dice, isEarly: boolean): CallFault[] {
  if (dice.fraction() > 0.3) return [];
  const from = isEarly ? [...USUAL, ...SLOW_TO_PROVE, ...SLOW_TO_PROVE] : USUAL;
  const first = dice.pick(from)(dice);
  const second = dice.fraction() < 0.25 ? dice.pick(from)(dice) : undefined;
  return second && second.kind !== first.kind ? [first, second] : [first];
}
