import { describe, expect, it } from 'vitest';
import { encodeMuLaw, linearOf, SILENCE } from './mu-law.js';

describe('µ-law', () => {
  it('maps every byte to a sample that encodes to the same byte again (−0 becomes +0)', () => {
    for (let byte = 0; byte < 256; byte++) {
      const [again] = encodeMuLaw(Int16Array.of(linearOf[byte]!));
      expect(again).toBe(byte === 0x7f ? SILENCE : byte);
    }
  });

  it('agrees with the reference values of G.711', () => {
    expect([0x00, 0x80, 0xff, 0x7f, 0xf0, 0x8f].map((byte) => linearOf[byte])).toEqual([-32_124, 32_124, 0, 0, 120, 16_764]);
    expect([...encodeMuLaw(Int16Array.of(0, -1, 32_767, -32_768, 1000, -1000))]).toEqual([0xff, 0x7f, 0x80, 0x00, 0xce, 0x4e]);
  });

  it('keeps the error of every sample below a 32nd of it', () => {
    for (let sample = -32_000; sample <= 32_000; sample += 7) {
      const [byte] = encodeMuLaw(Int16Array.of(sample));
      expect(Math.abs(linearOf[byte!]! - sample)).toBeLessThanOrEqual(Math.abs(sample) / 32 + 5);
    }
  });
});
