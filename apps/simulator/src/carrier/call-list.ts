import { resourceStatus, type CarrierCall } from './call.js';
import { isBadDate, readDateFilter, type BadDate } from './date-filter.js';
import { pageItems, type Query } from './page.js';
import { readNumber } from './phone-number.js';

const equalities = ['To', 'From', 'Status', 'ParentCallSid'];

export function filterCalls(calls: readonly CarrierCall[], query: Query): CarrierCall[] | BadDate {
  const started = readDateFilter(query, 'StartTime');
  if (isBadDate(started)) return started;
  const ended = readDateFilter(query, 'EndTime');
  if (isBadDate(ended)) return ended;
  const tests: ((call: CarrierCall) => boolean)[] = [
    // A call that was not dialled yet counts by its creation.
    ({ startedAtMs, createdAtMs }) => started(startedAtMs ?? createdAtMs),
    ({ endedAtMs }) => ended(endedAtMs),
  ];
  for (const [key, value] of query) if (value !== '' && equalities.includes(key)) tests.push((call) => isEqual(call, key, value));
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

export interface Page {
  calls: CarrierCall[];
  envelope: Record<string, unknown>;
}

/** One page of calls, newest first. */
export function pageOf(newestFirst: readonly CarrierCall[], query: Query, path: string): Page {
  const { items, envelope } = pageItems(newestFirst, query, path, (call) => call.sid);
  return { calls: items, envelope };
}
