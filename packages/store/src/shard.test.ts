import { SHARDS } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { chooseShard } from './shard.js';

describe('the shard of a new call', () => {
  it('follows from account and key', () => {
    expect(chooseShard('AC1', 'order-7', systemChance)).toBe(chooseShard('AC1', 'order-7', systemChance));
    const shards = Array.from({ length: 400 }, (_, i) => chooseShard('AC1', `order-${i}`, systemChance));
    expect(new Set(shards)).toEqual(new Set(SHARDS));
  });

  it('is random without a key', () => {
    expect(new Set(Array.from({ length: 400 }, () => chooseShard('AC1', null, systemChance)))).toEqual(new Set(SHARDS));
  });
});
