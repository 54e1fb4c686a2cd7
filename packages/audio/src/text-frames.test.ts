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

type Told = { readonly to: 'text' | 'other'; readonly bytes: Buffer };

function read(masked: boolean, pieces: readonly Buffer[]): Told[] {
  const told: Told[] = [];
  const frames = createTextFrames({
    masked,
    maxBytes: MAX_BYTES,
    // Every third one is read where it lies.
    onFrame: (bytes, from, to) =>
      told.length % 3 === 2 && told.push({ to: 'text', bytes: Buffer.from(bytes.subarray(from, to)) }) > 0,
    onText: (text) => void told.push({ to: 'text', bytes: Buffer.from(text) }),
    onOther: (bytes) => void told.push({ to: 'other', bytes: Buffer.from(bytes) }),
  });
  for (const piece of pieces) frames.read(Buffer.from(piece));
  return told;
}

/** Up to the first close: nothing counts behind it. */
function upToClose(frames: readonly Frame[]): Frame[] {
  const close = frames.findIndex(({ first }) => (first & 0x0f) === 8);
  return frames.slice(0, close === -1 ? frames.length : close + 1);
}

describe.each([true, false])('frames of an end that masks: %s', (masked) => {
  it('are shared out: whole texts to one, all others untouched to the other', () => {
    fc.assert(
      fc.property(fc.array(anyFrame(masked), { maxLength: 12 }), (given) => {
        let isFragmented = false;
        const expected = upToClose(given).map((frame): Told => {
          const opcode = frame.first & 0x0f;
          const isUsual = frame.first === 0x81 && frame.isMasked === masked && frame.payload.length <= MAX_BYTES && !isFragmented;
          if (!isUsual && opcode < 8) isFragmented = frame.first < 0x80 || (isFragmented && opcode !== 0);
          return isUsual ? { to: 'text', bytes: Buffer.from(frame.payload) } : { to: 'other', bytes: bytesOf(frame) };
        });
        expect(read(masked, given.map(bytesOf))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('lose nothing and keep their order, in whatever pieces they come', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 700 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(anyFrame(masked), { maxLength: 12 }), sizes, (given, pieces) => {
        const told = read(masked, cut(Buffer.concat(given.map(bytesOf)), pieces));
        const again = told.map(({ to, bytes }) =>
          to === 'text' ? bytesOf({ first: 0x81, isMasked: masked, payload: bytes }) : bytes,
        );
        // The last piece may have begun behind the close.
        expect(Buffer.concat(again)).toEqual(Buffer.concat(upToClose(given).map(bytesOf)));
      }),
      { numRuns: 500 },
    );
  });

  it('are all the other’s behind one that it was told of in the same piece: it may be the end of the connection', () => {
    const payload = Buffer.from('hello');
    const frames = [0x81, 0x89, 0x81, 0x81, 0x8a].map((first) => bytesOf({ first, isMasked: masked, payload }));
    const order = (pieces: readonly Buffer[]): string =>
      read(masked, pieces)
        .map(({ to }) => to[0])
        .join('');
    expect(order(frames)).toBe('totto');
    expect(order([Buffer.concat(frames)])).toBe('toooo');
    expect(order([Buffer.concat(frames.slice(0, 3)), Buffer.concat(frames.slice(3))])).toBe('tooto');
  });

  it('may be any bytes at all, and none is lost that the other should have', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (pieces) => {
        const all = Buffer.concat(pieces);
        const told = read(
          masked,
          pieces.map((piece) => Buffer.from(piece)),
        );
        expect(told.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThanOrEqual(all.length);
        // Up to the first text the other was told the very bytes.
        const first = told.findIndex(({ to }) => to === 'text');
        const others = Buffer.concat(told.slice(0, first === -1 ? told.length : first).map(({ bytes }) => bytes));
        expect(all.subarray(0, others.length)).toEqual(others);
      }),
      { numRuns: 500 },
    );
  });

  it('of a length that no memory has go to the other as they come', () => {
    const endless = Buffer.from([0x81, masked ? 0xff : 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5]);
    const told = read(masked, [endless.subarray(0, 7), endless.subarray(7), Buffer.from('and more')]);
    expect(told.every(({ to }) => to === 'other')).toBe(true);
    expect(Buffer.concat(told.map(({ bytes }) => bytes))).toEqual(Buffer.concat([endless, Buffer.from('and more')]));
  });
});
