import { describe, expect, it } from 'vitest';
import { filterCalls, pageOf } from './call-list.js';
import type { CarrierCall } from './call.js';

const day = Date.parse('2026-11-20T12:00:00Z');
const calls: CarrierCall[] = Array.from({ length: 5 }, (_, i) => ({
  sid: `CA${i}`,
  to: i % 2 ? '+14155550101' : '+14155550100',
  from: '+14155550199',
  status: i === 0 ? 'in-progress' : 'completed',
  createdAtMs: day + i * 1_000,
  startedAtMs: day + i * 1_000,
  progress: 0,
}));
const sids = (query: string): unknown => {
  const found = filterCalls(calls, new URLSearchParams(query));
  return 'badDate' in found ? found : found.map((call) => call.sid);
};

describe('the list of calls', () => {
  it('is filtered by number, status and day or moment of the start', () => {
    expect(sids('To=%2B14155550101')).toEqual(['CA1', 'CA3']);
    expect(sids('Status=in-progress&From=%2B14155550199')).toEqual(['CA0']);
    expect(sids('StartTime=2026-11-20')).toHaveLength(5);
    expect(sids('StartTime%3E=2026-11-21')).toEqual([]);
    expect(sids('StartTime%3E=2026-11-20T12:00:03Z')).toEqual(['CA3', 'CA4']);
    expect(sids('StartTime%3C=2026-11-20T12:00:01Z')).toEqual(['CA0', 'CA1']);
    expect(sids('EndTime=2026-11-20')).toEqual([]);
    expect(sids('ParentCallSid=CA9')).toEqual([]);
    expect(sids('EndTime%3C=soon')).toEqual({ badDate: 'EndTime' });
  });

  it('is paged by tokens that new calls do not shift', () => {
    const first = pageOf(calls, new URLSearchParams('PageSize=2'), '/Calls.json');
    expect(first.calls.map((call) => call.sid)).toEqual(['CA0', 'CA1']);
    expect(first.envelope).toMatchObject({ page: 0, page_size: 2, start: 0, end: 1, previous_page_uri: null });
    const next = new URL(String(first.envelope['next_page_uri']), 'http://x').searchParams;
    const newer: CarrierCall = { ...calls[0]!, sid: 'CA9' };
    expect(pageOf([newer, ...calls], next, '/Calls.json').calls.map((call) => call.sid)).toEqual(['CA2', 'CA3']);
    expect(
      pageOf(calls, new URLSearchParams('PageSize=2&PageToken=PACA3&Page=2'), '/Calls.json').envelope['next_page_uri'],
    ).toBeNull();
  });
});
