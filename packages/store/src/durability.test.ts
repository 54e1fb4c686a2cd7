import { describe, expect, it } from 'vitest';
import { readDurability } from './durability.js';

describe('what may be said of durability', () => {
  it('is that nothing weaker is accepted, everything, or which', () => {
    expect(readDurability('strong')).toEqual([]);
    expect(readDurability('weak')).toHaveLength(5);
    expect(readDurability('appendfsync-everysec, failover-without-wait')).toEqual([
      'appendfsync-everysec',
      'failover-without-wait',
    ]);
  });

  it('is nothing else, and the words are named', () => {
    for (const text of ['', 'yes', 'strong,weak', 'toString'])
      expect(() => readDurability(text), text).toThrow(/strong, weak, or some of no-append-only-file, appendfsync-everysec/);
  });
});
