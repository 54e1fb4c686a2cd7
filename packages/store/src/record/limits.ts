import type { AccountLimits, LimitsChange } from '../ports/admission-control.js';

const NO_LIMIT = 'none';

/** Where a limit stands among the account's limits: its field, how it is written, and how it is read back. */
interface Coding<Value> {
  readonly field: string;
  write(value: Value): string;
  read(text: string): Value;
}

const number = (field: string, isValid: (value: number) => boolean): Coding<number> => ({
  field,
  write: (value) =>
    checked(field, value, isValid(value))
      .toFixed(6)
      .replace(/\.?0+$/, ''),
  read: Number,
});
const whole = (field: string): Coding<number> => number(field, (value) => Number.isSafeInteger(value) && value >= 0);
const rate = (field: string): Coding<number> => number(field, (value) => value >= 0.001 && value <= 10_000);

/** Commas on both sides, so that a script finds a whole word. */
const words = <Word extends string>(field: string, form: RegExp): Coding<readonly Word[]> => ({
  field,
  write: (list) =>
    `,${checked(
      field,
      list,
      list.every((word) => form.test(word)),
    ).join(',')},`,
  read: (text) => text.split(',').filter((word) => word !== '') as Word[],
});

const prices: Coding<Readonly<Record<string, number>>> = {
  field: 'prices',
  write: (table) => {
    const rows = Object.entries(table);
    const isValid = rows.every(([where, micros]) => /^([A-Z]{2}|\*)$/.test(where) && Number.isSafeInteger(micros) && micros >= 0);
    return checked('prices', rows, isValid && '*' in table)
      .map(([where, micros]) => `${where}=${micros},`)
      .join('');
  },
  read: (text) =>
    Object.fromEntries(Array.from(text.matchAll(/([^,=]+)=(\d+)/g), ([, where, micros]) => [where, Number(micros)])),
};

const CODINGS: { readonly [Name in keyof AccountLimits]: Coding<NonNullable<AccountLimits[Name]>> } = {
  maxConcurrent: whole('in'),
  callsPerSecond: rate('per-second'),
  maxConcurrentPerFrom: whole('from:in'),
  callsPerSecondPerFrom: rate('from:per-second'),
  attemptsPerNumberPerDay: whole('tries'),
  countries: words('countries', /^[A-Z]{2}$/),
  numberTypes: words('types', /^[a-z-]+$/),
  minutesPerDay: whole('minutes'),
  microsPerDay: whole('micros'),
  microsPerMinute: prices,
};

type Name = keyof AccountLimits;
const NAMES = Object.keys(CODINGS) as Name[];
export const LIMIT_FIELDS: readonly string[] = NAMES.map((name) => CODINGS[name].field);

export const UNLIMITED: AccountLimits = {
  maxConcurrent: null,
  callsPerSecond: null,
  maxConcurrentPerFrom: null,
  callsPerSecondPerFrom: null,
  attemptsPerNumberPerDay: null,
  countries: null,
  numberTypes: null,
  minutesPerDay: null,
  microsPerDay: null,
  microsPerMinute: null,
};

/** In the order of `LIMIT_FIELDS`. */
export function writeLimits(limits: AccountLimits): string[] {
  if (limits.microsPerDay !== null && limits.microsPerMinute === null) {
    throw new RangeError('a budget of money needs a price for each minute');
  }
  return NAMES.map((name) => writeOne(name, limits[name]));
}

/** @throws RangeError on a value that is no limit */
export function writeChange(change: LimitsChange): { set: Record<string, string>; remove: string[] } {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const name of NAMES) {
    const value = change[name];
    if (value === undefined) continue;
    if (value === 'default') remove.push(CODINGS[name].field);
    else set[CODINGS[name].field] = writeOne(name, value);
  }
  return { set, remove };
}

/** @param texts in the order of `LIMIT_FIELDS`; null where nothing was set */
export function readLimits(texts: readonly (string | null | undefined)[]): Partial<AccountLimits> {
  const set = NAMES.flatMap((name, i) => {
    const text = texts[i];
    return text === null || text === undefined ? [] : [[name, text === NO_LIMIT ? null : CODINGS[name].read(text)]];
  });
  return Object.fromEntries(set) as Partial<AccountLimits>;
}

function writeOne<N extends Name>(name: N, value: AccountLimits[N]): string {
  return value === null ? NO_LIMIT : (CODINGS[name] as Coding<unknown>).write(value);
}

function checked<Value>(field: string, value: Value, isValid: boolean): Value {
  if (!isValid) throw new RangeError(`not a limit (${field}): ${JSON.stringify(value)}`);
  return value;
}
