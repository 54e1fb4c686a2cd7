import { describe, expect, it } from 'vitest';
import { systemChance, uuidv7From } from './chance.js';
import { createSeededChance, createVirtualTime } from './virtual-time.js';

describe('chance', () => {
  it('makes version 7 ids as RFC 9562 says', () => {
    // RFC 9562, A.6: 2022-02-22 19:22:22 UTC.
    const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    expect(uuidv7From(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it('ids of people sort by time', () => {
    const random = new Uint8Array(10);
    expect(uuidv7From(1_000, random) < uuidv7From(1_001, random)).toBe(true);
    expect(systemChance.uuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('the same seed gives the same run, another seed another', () => {
    const run = (seed: number): unknown[] => {
      const chance = createSeededChance(seed, createVirtualTime());
      return [chance.fraction(), chance.uuid(), chance.uuidv7(), [...chance.bytes(4)]];
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });
});
