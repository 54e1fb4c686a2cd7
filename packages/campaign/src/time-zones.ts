import { PREFIXES, ZONES, ZONE_SETS } from './zone-table.js';

/** Where the zone of a contact is known from. */
export type ZoneSource = 'contact' | 'number' | 'campaign';

export interface ZoneChoice {
  /** More than one: nobody knows which of them. */
  readonly zones: readonly string[];
  readonly source: ZoneSource;
}

const { bySet, longest } = readTable();

/** IANA names only: an offset like `+05:00` knows nothing of summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone.length > 0;
  } catch {
    return false;
  }
}

/**
 * The time zones that a number may be in by its prefix, by Google's table; empty where that knows none. A guess for mobile numbers: people
 * take theirs along when they move.
 *
 * @param number E.164, with the plus
 */
export function zonesOfNumber(number: string): readonly string[] {
  for (let length = Math.min(longest, number.length - 1); length > 0; length--) {
    const set = bySet.get(number.slice(1, length + 1));
    if (set) return set;
  }
  return [];
}

/** What the contact says stands above what its number says; the campaign's word counts where neither says anything. Null: nobody knows. */
export function chooseZones(given: string | null, number: string, fallback: string | null): ZoneChoice | null {
  if (given !== null) return { zones: [given], source: 'contact' };
  const zones = zonesOfNumber(number);
  if (zones.length > 0) return { zones, source: 'number' };
  return fallback === null ? null : { zones: [fallback], source: 'campaign' };
}

function readTable(): { bySet: ReadonlyMap<string, readonly string[]>; longest: number } {
  const words = (text: string): string[] => text.trim().split(/\s+/);
  const zones = words(ZONES);
  const sets = words(ZONE_SETS).map((set) => set.split('.').map((at) => zones[Number.parseInt(at, 36)]!));
  const table = new Map<string, readonly string[]>();
  let most = 0;
  for (const word of words(PREFIXES)) {
    const [prefix = '', at = ''] = word.split(':');
    table.set(prefix, sets[Number.parseInt(at, 36)]!);
    most = Math.max(most, prefix.length);
  }
  return { bySet: table, longest: most };
}
