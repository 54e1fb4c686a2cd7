import { describe, expect, it } from 'vitest';
import { nextTryAt, readRetryAfter, RETRY_AFTER_MS } from './retry.js';

const failed = { tries: 1, since: 0, now: 0, retryAfterMs: null, fraction: 0 };

describe('the tries of a delivery', () => {
  it('are ten in a little over three days, and then none', () => {
    let now = 0;
    let tries = 0;
    for (let at: number | null = 0; at !== null; at = nextTryAt({ ...failed, tries, now, fraction: 0.999 })) {
      now = at;
      tries++;
    }
    expect(tries).toBe(RETRY_AFTER_MS.length + 1);
    expect(now / 86_400_000).toBeGreaterThan(3);
    expect(now / 86_400_000).toBeLessThan(3.6);
  });

  it('do not come back together', () => {
    expect(nextTryAt({ ...failed, fraction: 0 })).toBe(5_000);
    expect(nextTryAt({ ...failed, fraction: 0.5 })).toBe(5_250);
  });

  it('wait as long as the receiver asks, if that is longer', () => {
    expect(nextTryAt({ ...failed, retryAfterMs: 60_000 })).toBe(60_000);
    expect(nextTryAt({ ...failed, retryAfterMs: 1_000 })).toBe(5_000);
  });

  it('are no more than one for what has waited behind another for longer than all tries take', () => {
    const now = 4 * 86_400_000;
    expect(nextTryAt({ ...failed, now })).toBeNull();
    expect(nextTryAt({ ...failed, now, since: now })).not.toBeNull();
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['999999999', 86_400_000],
    ['0', null],
    ['-5', null],
    ['soon', null],
    ['Thu, 01 Jan 1960 00:00:00 GMT', null],
    [null, null],
  ])('%s', (header, ms) => {
    expect(readRetryAfter(header, 0)).toBe(ms);
  });
});
