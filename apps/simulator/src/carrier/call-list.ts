import { resourceStatus, type CarrierCall } from './call.js';
import { readNumber } from './phone-number.js';

/** A query string, repeated keys and all. */
export type Query = URLSearchParams;

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
      // A call that was made by REST has no parent.
      return false;
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

/**
 * One page of a list, newest first. The token names the last call of the page before, so that calls which begin meanwhile
 * shift nothing.
 */
export function pageOf(newestFirst: readonly CarrierCall[], query: Query, path: string): Page {
  const size = Math.min(1_000, Math.max(1, Number(query.get('PageSize')) || 50));
  const number = Math.max(0, Number(query.get('Page')) || 0);
  const after = query.get('PageToken')?.replace(/^PA/, '');
  const found = after ? newestFirst.findIndex((call) => call.sid === after) + 1 : number * size;
  const calls = newestFirst.slice(found, found + size);
  const uriOf = (page: number, token?: string): string => {
    const link = new URLSearchParams(query);
    link.delete('PageToken');
    link.set('PageSize', String(size));
    link.set('Page', String(page));
    if (token) link.set('PageToken', token);
    return `${path}?${link.toString()}`;
  };
  const last = calls.at(-1);
  const hasNext = last !== undefined && found + size < newestFirst.length;
  const before = newestFirst[found - size - 1];
  return {
    calls,
    envelope: {
      page: number,
      page_size: size,
      start: found,
      end: Math.max(found, found + calls.length - 1),
      uri: uriOf(number, query.get('PageToken') ?? undefined),
      first_page_uri: uriOf(0),
      next_page_uri: hasNext ? uriOf(number + 1, `PA${last.sid}`) : null,
      previous_page_uri: number > 0 ? uriOf(number - 1, before && `PA${before.sid}`) : null,
    },
  };
}
