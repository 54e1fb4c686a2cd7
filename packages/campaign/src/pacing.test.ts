import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callsAhead, rampedRate, shareOut, shouldPause, type Served } from './pacing.js';

describe('fair shares', () => {
  const rounds = (weights: Record<string, number>, total: number, count: number) => {
    const served: Served = new Map();
    const sums: Record<string, number> = {};
    for (let round = 0; round < count; round++) {
      const claims = Object.entries(weights).map(([id, weight]) => ({ id, weight, most: 1_000 }));
      for (const [id, share] of shareOut(claims, total, served)) sums[id] = (sums[id] ?? 0) + share;
    }
    return sums;
  };

  it('go by weight, also where a round has fewer calls than there are campaigns', () => {
    expect(rounds({ a: 1, b: 1, c: 2 }, 1, 400)).toEqual({ a: 100, b: 100, c: 200 });
    expect(rounds({ a: 1, b: 3 }, 10, 40)).toEqual({ a: 100, b: 300 });
  });

  it('leave nothing over that anybody can use, and give nobody more than it can use', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), most: fc.integer({ min: 0, max: 30 }) }), { maxLength: 8 }),
        fc.integer({ min: 0, max: 100 }),
        (given, total) => {
          const claims = given.map((claim, i) => ({ id: `c${i}`, ...claim }));
          const shares = shareOut(claims, total, new Map());
          const sum = [...shares.values()].reduce((all, share) => all + share, 0);
          const usable = claims.reduce((all, { most }) => all + most, 0);
          expect(sum).toBe(Math.min(total, usable));
          for (const { id, most } of claims) expect(shares.get(id) ?? 0).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  it('give a campaign that had nothing to do no right to a burst', () => {
    const served: Served = new Map();
    for (let i = 0; i < 100; i++) shareOut([{ id: 'a', weight: 1, most: 9 }], 5, served);
    const both = [
      { id: 'a', weight: 1, most: 9 },
      { id: 'b', weight: 1, most: 9 },
    ];
    expect(Object.fromEntries(shareOut(both, 6, served))).toEqual({ a: 3, b: 3 });
  });
});

describe('pace', () => {
  it('keeps few calls ahead, but some', () => {
    expect(callsAhead(50, 2_000)).toBe(100);
    expect(callsAhead(0.1, 2_000)).toBe(2);
  });

  it('rises to the full rate', () => {
    expect(rampedRate(10, 100, 0)).toBeCloseTo(1);
    expect(rampedRate(10, 100, 50_000)).toBeCloseTo(5.5);
    expect(rampedRate(10, 100, 900_000)).toBe(10);
    expect(rampedRate(10, 0, 0)).toBe(10);
  });

  it('ends by itself when too much goes wrong, and not before enough was tried', () => {
    const rule = { errorRate: 0.2, minCalls: 20 };
    expect(shouldPause(rule, { ended: 19, errors: 19 })).toBe(false);
    expect(shouldPause(rule, { ended: 20, errors: 3 })).toBe(false);
    expect(shouldPause(rule, { ended: 20, errors: 4 })).toBe(true);
    expect(shouldPause(null, { ended: 20, errors: 20 })).toBe(false);
  });
});
