import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Bytes, base64Length, decodeBase64, encodeBase64 } from './index.js';

const inside = (text: string): { bytes: Uint8Array; from: number; to: number } => {
  const bytes = Buffer.from(`xx${text}x`, 'latin1');
  return { bytes, from: 2, to: bytes.length - 1 };
};

describe('base64 in place', () => {
  it('encodes and decodes as Node does, at any place of a buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(9), (audio, at) => {
        const text = Buffer.from(audio).toString('base64');
        expect(base64Length(audio.length)).toBe(text.length);
        const target = Buffer.alloc(at + text.length + 3, 0x21);
        const end = encodeBase64(Buffer.concat([Buffer.alloc(at), audio]), at, at + audio.length, target, at);
        expect(target.toString('latin1')).toBe(`${'!'.repeat(at)}${text}!!!`);
        expect(end).toBe(at + text.length);
        expect(base64Bytes(target, at, end)).toBe(audio.length);
        const decoded = Buffer.alloc(at + audio.length + 3, 0x21);
        decodeBase64(target, at, end, decoded, at);
        expect(decoded).toEqual(Buffer.concat([Buffer.alloc(at, 0x21), audio, Buffer.alloc(3, 0x21)]));
      }),
    );
  });

  it('decodes into every second byte', () => {
    const { bytes, from, to } = inside(Buffer.from([1, 2, 3, 4]).toString('base64'));
    const target = new Uint8Array(9);
    decodeBase64(bytes, from, to, target, 1, 2);
    expect([...target]).toEqual([0, 1, 0, 2, 0, 3, 0, 4, 0]);
  });

  it('is canonical exactly if Node gives the same text back', () => {
    const nearly = fc
      .tuple(fc.base64String({ maxLength: 24 }), fc.nat(30), fc.constantFrom('', '=', '-', '_', ' ', '\\', '"', 'B', 'é', '\0'))
      .map(([text, at, odd]) => text.slice(0, at) + odd + text.slice(at + odd.length));
    fc.assert(
      fc.property(nearly, (text) => {
        const { bytes, from, to } = inside(text);
        const decoded = Buffer.from(text, 'base64');
        expect(base64Bytes(bytes, from, to)).toBe(decoded.toString('base64') === text ? decoded.length : -1);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['A', 'AB', 'ABC', 'AB==', 'ABC=', '====', 'A===', 'AA=A', '=AAA', 'AA==AAAA', 'AAAA=', 'AAA-', 'AAA_'])(
    'does not take %s for base64',
    (text) => {
      const { bytes, from, to } = inside(text);
      expect(base64Bytes(bytes, from, to)).toBe(-1);
    },
  );
});
