import { describe, expect, it } from 'vitest';
import { isBadDate, readDateFilter } from './date-filter.js';

const noon = Date.parse('2026-11-20T12:00:00Z');
const passes = (query: string, atMs: number | undefined): boolean | string => {
  const filter = readDateFilter(new URLSearchParams(query), 'DateCreated');
  return isBadDate(filter) ? filter.badDate : filter(atMs);
};

describe('a filter by date', () => {
  it('takes days and moments, with both bounds', () => {
    expect(passes('DateCreated=2026-11-20', noon)).toBe(true);
    expect(passes('DateCreated%3C=2026-11-20&DateCreated%3E=2026-11-20', noon)).toBe(true);
    expect(passes('DateCreated%3C=2026-11-19', noon)).toBe(false);
    expect(passes('DateCreated%3E=2026-11-20T12:00:01Z', noon)).toBe(false);
    expect(passes('DateCreated=2026-11-20T12:00:00Z', noon + 999)).toBe(true);
  });

  it('that is empty or of another field lets everything pass', () => {
    expect(passes('DateCreated=&StartTime=soon', undefined)).toBe(true);
  });

  it('lets nothing pass that has no date, and names a date that is none', () => {
    expect(passes('DateCreated=2026-11-20', undefined)).toBe(false);
    expect(passes('DateCreated%3E=soon', noon)).toBe('DateCreated');
  });
});
