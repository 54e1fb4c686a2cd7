import { describe, expect, it } from 'vitest';
import { EMPTY_LEDGER, isBalanced, isFinished, skippedOf } from './ledger.js';

describe('the ledger', () => {
  it('balances when every contact stands in one state', () => {
    const ledger = {
      ...EMPTY_LEDGER,
      contacts: 10,
      pending: 3,
      active: 1,
      done: 2,
      canceled: 1,
      skipped: { 'do-not-call': 2, expired: 1 },
    };
    expect(isBalanced(ledger)).toBe(true);
    expect(skippedOf(ledger)).toBe(3);
    expect(isFinished(ledger)).toBe(false);
    expect(isBalanced({ ...ledger, scheduled: 1 })).toBe(false);
    expect(isBalanced({ ...ledger, pending: 4, active: -1, scheduled: 1 })).toBe(false);
    expect(isFinished({ ...EMPTY_LEDGER, contacts: 2, done: 1, skipped: { expired: 1 } })).toBe(true);
  });
});
