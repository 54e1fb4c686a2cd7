import { resourceStatus, type CarrierCall } from './call.js';
import { pageItems, type Query } from './page.js';
import { readNumber } from './phone-number.js';

const equalities = ['To', 'From', 'Status', 'ParentCallSid'];
const times = ['StartTime', 'EndTime'];

/** `undefined`: a date that is none. */
export function filterCalls(calls: readonly CarrierCall[], query: Query): CarrierCall[] | undefined {
  const tests: ((call: CarrierCall) => boolean)[] = [];
  for (const [key, value] of query) {
    if (value === '') continue;
    if (equalities.includes(key)) tests.push((call) => isEqual(call, key, value));
    const field = times.find((name) => key === name || key === `${name}<` || key === `${name}>`);
    if (!field) continue;
    const range = readTime(value);
    if (!range) return undefined;
    const comparison = key.slice(field.length);
    tests.push((call) =>
      isWithin(field === 'StartTime' ? (call.startedAtMs ?? call.createdAtMs) : call.endedAtMs, comparison, range),
    );
  }
  return calls.filter((call) => tests.every((test) => test(call)));
}

function isEqual(call: CarrierCall, field: string, value: string): boolean {
  switch (field) {
    case 'To':
      return call.to === (readNumber(value) ?? value);
    case 'From':
      return call.from === (readNumber(value) ?? value);
    case 'Status':
      return resourceStatus(call.status) === value;
    default:
      return call.parentCallSid === value;
  }
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

function isWithin(atMs: number | undefined, comparison: string, { fromMs, untilMs }: TimeRange): boolean {
  if (atMs === undefined) return false;
  if (comparison === '<') return atMs < untilMs;
  if (comparison === '>') return atMs >= fromMs;
  return atMs >= fromMs && atMs < untilMs;
}

export interface Page {
  calls: CarrierCall[];
  envelope: Record<string, unknown>;
}

/** One page of calls, newest first. */
export function pageOf(newestFirst: readonly CarrierCall[], query: Query, path: string): Page {
  const { items, envelope } = pageItems(newestFirst, query, path, (call) => call.sid);
  return { calls: items, envelope };
}
