import type { Dice } from './dice.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Text that is nearly the message: a field too few, of another type, too long, written unusually, or cut off. */
export function oddJson(message: unknown, dice: Dice): string {
  let value = structuredClone(message) as Json;
  for (let i = dice.below(3); i >= 0; i--) value = mutate(value, dice);
  const written = JSON.stringify(value, null, dice.oneIn(4) ? 2 : undefined);
  switch (dice.below(9)) {
    case 0:
      return written.slice(0, dice.below(written.length));
    case 1:
      return written + written;
    case 2:
      return `\uFEFF${written}`;
    case 3:
      return written.replaceAll('"', dice.pick(["'", '\\"', '"']));
    case 4:
      return written.replace(/[a-z]/g, (letter) => (dice.oneIn(6) ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter));
    case 5:
      return `${'['.repeat(5_000)}${written}`;
    default:
      return written;
  }
}

const STRANGE: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e308,
  9_007_199_254_740_991,
  '',
  '\u0000',
  '💥',
  '__proto__',
  [],
  {},
  [[[]]],
  'NaN',
  '-0',
  '1e9',
  'x'.repeat(5_000),
  { toString: null },
  { __proto__: { polluted: true } } as Json,
  [null, null],
  '/////w==',
  'not base64!',
  '====',
];

function mutate(value: Json, dice: Dice): Json {
  if (dice.oneIn(8)) return dice.pick(STRANGE);
  if (Array.isArray(value))
    return value.length === 0 || dice.oneIn(3) ? [...value, dice.pick(STRANGE)] : value.map((one) => mutate(one, dice));
  if (typeof value !== 'object' || value === null) return dice.oneIn(3) ? dice.pick(STRANGE) : value;
  const entries = Object.entries(value);
  const at = dice.below(Math.max(1, entries.length));
  switch (dice.below(5)) {
    case 0:
      return Object.fromEntries(entries.filter((_, i) => i !== at));
    case 1:
      return Object.fromEntries([
        ...entries,
        [dice.pick(['__proto__', 'constructor', 'event', 'type', 'streamSid', 'é']), dice.pick(STRANGE)],
      ]);
    case 2:
      return Object.fromEntries(entries.reverse());
    default:
      return Object.fromEntries(entries.map(([key, one], i) => [key, i === at ? mutate(one, dice) : one]));
  }
}
