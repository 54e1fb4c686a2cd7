import type { Query } from './page.js';

export type DateFilter = (atMs: number | undefined) => boolean;

/** The name of a field of the query whose date is none. */
export interface BadDate {
  badDate: string;
}

export function isBadDate(value: object): value is BadDate {
  return 'badDate' in value;
}

/** What `StartTime`, `StartTime<` and `StartTime>` of a query ask for together; the bounds are included. */
export function readDateFilter(query: Query, field: string): DateFilter | BadDate {
  const tests: DateFilter[] = [];
  for (const comparison of ['', '<', '>'] as const) {
    for (const text of query.getAll(field + comparison)) {
      if (text === '') continue;
      const range = readTime(text);
      if (!range) return { badDate: field };
      tests.push((atMs) => isWithin(atMs, comparison, range));
    }
  }
  return (atMs) => tests.every((test) => test(atMs));
}

interface TimeRange {
  fromMs: number;
  untilMs: number;
}

/** A day (`2026-11-20`, in UTC), or a moment in ISO 8601 as the SDKs send it, which is good for its whole second. */
function readTime(text: string): TimeRange | undefined {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const fromMs = Date.parse(isDay ? `${text}T00:00:00Z` : text);
  return Number.isNaN(fromMs) ? undefined : { fromMs, untilMs: fromMs + (isDay ? 86_400_000 : 1_000) };
}

function isWithin(atMs: number | undefined, comparison: '' | '<' | '>', { fromMs, untilMs }: TimeRange): boolean {
  if (atMs === undefined) return false;
  if (comparison === '<') return atMs < untilMs;
  if (comparison === '>') return atMs >= fromMs;
  return atMs >= fromMs && atMs < untilMs;
}
