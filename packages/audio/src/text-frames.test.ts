import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextFrames } from './text-frames.js';

const MAX_BYTES = 300;

interface Frame {
  readonly first: number;
  readonly isMasked: boolean;
  readonly payload: Uint8Array;
}

function bytesOf({ first, isMasked, payload }: Frame): Buffer {
  const { length } = payload;
  const size = length < 126 ? Buffer.of(length) : length < 65_536 ? Buffer.of(126, length >> 8, length & 0xff) : Buffer.alloc(9);
  if (length >= 65_536) {
    size[0] = 127;
    size.writeBigUInt64BE(BigInt(length), 1);
  }
  if (!isMasked) return Buffer.concat([Buffer.of(first), size, payload]);
  const key = Uint8Array.of(length & 0xff, 0x11, 0xf0, first);
  size[0]! |= 0x80;
  return Buffer.concat([Buffer.of(first), size, key, payload.map((byte, i) => byte ^ key[i % 4]!)]);
}

const anyFrame = (isMasked: boolean): fc.Arbitrary<Frame> =>
  fc.record({
    // Text, its fragments, binary, ping, pong, and now and then what no frame may begin with, or a close.
    first: fc.oneof(
      { weight: 12, arbitrary: fc.constant(0x81) },
      { weight: 6, arbitrary: fc.constantFrom(0x01, 0x00, 0x80, 0x82, 0x89, 0x8a) },
      { weight: 1, arbitrary: fc.constantFrom(0x88, 0xc1, 0x83, 0x09) },
    ),
    isMasked: fc.oneof({ weight: 30, arbitrary: fc.constant(isMasked) }, { weight: 1, arbitrary: fc.constant(!isMasked) }),
    payload: fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 120, maxLength: MAX_BYTES + 20 })),
  });

/** Bytes in pieces of these sizes. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length > 0 ? sizes[i % sizes.length]! : bytes.length;
    pieces.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return pieces;
}

function read(masked: boolean, pieces: readonly Buffer[]): { texts: Buffer[]; others: Buffer; order: string } {
  const texts: Buffer[] = [];
  const others: Buffer[] = [];
  let order = '';
  const frames = createTextFrames({
    masked,
    maxBytes: MAX_BYTES,
    // Every third one is read where it lies.
    onFrame: (bytes, from, to) => {
      if (texts.length % 3 !== 2) return false;
      texts.push(Buffer.from(bytes.subarray(from, to)));
      order += 't';
      return true;
    },
    onText: (text) => {
      texts.push(Buffer.from(text));
      order += 't';
    },
    onOther: (bytes) => {
      others.push(Buffer.from(bytes));
      order += 'o';
    },
  });
  for (const piece of pieces) frames.read(piece);
  return { texts, others: Buffer.concat(others), order };
}

describe.each([true, false])('frames of an end that masks: %s', (masked) => {
  it('are shared out: whole texts to one, all others untouched to the other, in whatever pieces they come', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 700 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(anyFrame(masked), { maxLength: 12 }), sizes, (given, pieces) => {
        const texts: Buffer[] = [];
        const others: Buffer[] = [];
        let isFragmented = false;
        for (const frame of given) {
          const opcode = frame.first & 0x0f;
          const isUsual = frame.first === 0x81 && frame.isMasked === masked && frame.payload.length <= MAX_BYTES && !isFragmented;
          if (isUsual) texts.push(Buffer.from(frame.payload));
          else others.push(bytesOf(frame));
          if (!isUsual && opcode < 8) isFragmented = frame.first < 0x80 || (isFragmented && opcode !== 0);
          if (opcode === 8) break;
        }
        const seen = read(masked, cut(Buffer.concat(given.map(bytesOf)), pieces));
        expect(seen.texts).toEqual(texts);
        expect(seen.others).toEqual(Buffer.concat(others));
      }),
      { numRuns: 500 },
    );
  });

  it('keep their order, a ping between two texts', () => {
    const payload = Buffer.from('hello');
    const frames = [0x81, 0x89, 0x81, 0x81, 0x8a].map((first) => bytesOf({ first, isMasked: masked, payload }));
    expect(read(masked, [Buffer.concat(frames)]).order).toBe('totto');
  });

  it('may be any bytes at all, and none is lost that the other should have', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (pieces) => {
        const all = Buffer.concat(pieces);
        const { texts, others } = read(
          masked,
          pieces.map((piece) => Buffer.from(piece)),
        );
        expect(texts.reduce((sum, { length }) => sum + length, others.length)).toBeLessThanOrEqual(all.length);
        if (all.length > 0 && all[0] !== 0x81 && others.length > 0)
          expect(all.subarray(0, Math.min(others.length, 2))).toEqual(others.subarray(0, 2));
      }),
      { numRuns: 500 },
    );
  });

  it('of a length that no memory has go to the other as they come', () => {
    const endless = Buffer.from([0x81, masked ? 0xff : 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5]);
    const { texts, others } = read(masked, [endless.subarray(0, 7), endless.subarray(7), Buffer.from('and more')]);
    expect(texts).toEqual([]);
    expect(others).toEqual(Buffer.concat([endless, Buffer.from('and more')]));
  });
});
