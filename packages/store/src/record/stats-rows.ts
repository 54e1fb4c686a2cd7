import type { StatsRow } from '../ports/stats.js';
import { DAY_MS, HOUR_MS, STATS_KEPT_MS, type StatsDimension } from './tally.js';

/** The days (since 1970, UTC) that this span touches; never more than are kept. */
export function daysOf(from: number, to: number): number[] {
  const first = Math.floor(Math.max(from, to - STATS_KEPT_MS) / DAY_MS);
  return Array.from({ length: Math.max(0, Math.floor(to / DAY_MS) - first + 1) }, (_, i) => first + i);
}

/** Fields of `tallyFields`, of all shards, made into rows. */
export function statsRows(
  fields: Iterable<readonly [day: number, field: string, amount: number]>,
  { from, to, by }: { from: number; to: number; by: StatsDimension },
  whichOf: (name: string) => string | undefined,
): StatsRow[] {
  const rows = new Map<string, { -readonly [Key in keyof StatsRow]: StatsRow[Key] }>();
  for (const [day, field, amount] of fields) {
    const [hourOfDay, dimension, name = '', measure] = field.split('|');
    const hour = day * DAY_MS + Number(hourOfDay) * HOUR_MS;
    const which = dimension === by ? whichOf(name) : undefined;
    if (which === undefined || hour + HOUR_MS <= from || hour > to) continue;
    const key = `${hour}|${which}`;
    const row = rows.get(key) ?? { hour, which, calls: 0, attempts: 0, answered: 0, talkMs: 0 };
    rows.set(key, row);
    if (measure === 'c') row.calls += amount;
    if (measure === 't') row.attempts += amount;
    if (measure === 'a') row.answered += amount;
    if (measure === 'm') row.talkMs += amount;
  }
  return [...rows.values()].toSorted((a, b) => a.hour - b.hour || (a.which < b.which ? -1 : 1));
}
