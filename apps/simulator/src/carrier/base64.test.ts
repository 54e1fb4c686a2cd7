import fc from 'fast-check';
import { expect, it } from 'vitest';
import { base64Length, decodeBase64, encodeBase64 } from './base64.js';

const unmasked = new Uint8Array(4);

it('writes what Buffer writes, wherever and however it is masked', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(7),
      (bytes, mask, phase) => {
        const target = new Uint8Array(base64Length(bytes.length) + 10);
        encodeBase64(bytes, target, 10, mask, phase);
        const text = target.subarray(10).map((byte, i) => byte ^ mask[(i + phase) % 4]!);
        expect(Buffer.from(text).toString('latin1')).toBe(Buffer.from(bytes).toString('base64'));
      },
    ),
  );
});

it('reads what Buffer reads, or leaves it to Buffer', () => {
  const character = fc.constantFrom(...'ABCabcxyz0189+/=-_ \n"é');
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fc.array(character, { maxLength: 12 }).map((characters) => characters.join('')),
  );
  fc.assert(
    fc.property(payload, (text) => {
      const bytes = Buffer.from(`<${text}>`, 'latin1');
      const target = new Uint8Array(400);
      const size = decodeBase64(bytes, 1, bytes.length - 1, target);
      if (size >= 0) expect(Buffer.from(target.subarray(0, size))).toEqual(Buffer.from(text, 'base64'));
    }),
  );
});

it('reads whole groups of the plain alphabet, and nothing else', () => {
  const read = (text: string): number => decodeBase64(Buffer.from(text, 'latin1'), 0, text.length, new Uint8Array(6));
  expect(['', 'AAAA', 'AAA=', 'AA==', 'AAAAAAAA'].map(read)).toEqual([0, 3, 2, 1, 6]);
  expect(['A', 'AAA', 'AA=A', 'A===', '====', 'AA-_', 'AA=AAAAA', 'AAAAAAAAAAAA'].map(read)).toEqual(Array(8).fill(-1));
  encodeBase64(new Uint8Array(0), new Uint8Array(0), 0, unmasked, 0);
});
