import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientFrame, closePayload, createFrameReader, opcodes } from './websocket-frames.js';

/** A frame as a server writes it: not masked. */
function serverFrame(opcode: number, payload: Uint8Array, isFinal = true): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return Buffer.concat([Uint8Array.of((isFinal ? 0x80 : 0) | opcode, ...size), payload]);
}

function readAll(pieces: Uint8Array[]): string[] {
  const heard: string[] = [];
  const reader = createFrameReader({
    onText: (bytes, from, to) => heard.push(`text ${Buffer.from(bytes.slice(from, to)).toString()}`),
    onBinary: () => heard.push('binary'),
    onPing: (payload) => heard.push(`ping ${Buffer.from(payload).toString()}`),
    onClose: (code) => heard.push(`close ${code}`),
    onViolation: (why, closeCode) => heard.push(`violation ${closeCode}: ${why}`),
  });
  // The caller's buffer is the same one each time.
  const shared = Buffer.alloc(200_000);
  for (const piece of pieces) {
    shared.fill(0xee);
    shared.set(piece);
    reader.read(shared.subarray(0, piece.length));
  }
  return heard;
}

const text = (words: string): Buffer => Buffer.from(words);

describe('frames of the server', () => {
  it('are read alike in pieces of any size', () => {
    const stream = Buffer.concat([
      serverFrame(opcodes.text, text('short')),
      serverFrame(opcodes.text, text('x'.repeat(300))),
      serverFrame(opcodes.text, text('one '), false),
      serverFrame(opcodes.ping, text('between')),
      serverFrame(opcodes.continuation, text('two '), false),
      serverFrame(opcodes.continuation, text('three')),
      serverFrame(opcodes.pong, text('')),
      serverFrame(opcodes.binary, text('b')),
      serverFrame(opcodes.text, text('y'.repeat(70_000))),
      serverFrame(opcodes.close, closePayload(1001)),
    ]);
    const whole = readAll([stream]);
    expect(whole.map((line) => line.slice(0, 20))).toEqual([
      'text short',
      `text ${'x'.repeat(15)}`,
      'ping between',
      'text one two three',
      'binary',
      `text ${'y'.repeat(15)}`,
      'close 1001',
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const pieces: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++)
          pieces.push(stream.subarray(at, (at += i < 400 ? sizes[i % sizes.length]! : 30_000)));
        // Not `toEqual`, whose report would be 70 000 characters long.
        expect(readAll(pieces).findIndex((line, i) => line !== whole[i])).toBe(-1);
        expect(readAll(pieces)).toHaveLength(whole.length);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, Uint8Array[]]>([
    ['reserved bits', [Uint8Array.of(0xc1, 0)]],
    ['a mask', [clientFrame(opcodes.text, text('x'), Uint8Array.of(1, 2, 3, 4))]],
    ['a control frame in fragments', [serverFrame(opcodes.ping, text('x'), false)]],
    ['a control frame that is too long', [Uint8Array.of(0x89, 126, 0, 200)]],
    ['an unknown opcode', [serverFrame(0x3, text('x'))]],
    ['a continuation of nothing', [serverFrame(opcodes.continuation, text('x'))]],
    ['a message inside another', [serverFrame(opcodes.text, text('x'), false), serverFrame(opcodes.text, text('y'))]],
    ['half a close code', [serverFrame(opcodes.close, Uint8Array.of(3))]],
    ['a close code that must not be sent', [serverFrame(opcodes.close, Uint8Array.of(1006 >> 8, 1006 & 255))]],
    ['a length beyond all bounds', [Uint8Array.of(0x81, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0)]],
  ])('with %s are a violation, after which nothing is read', (_name, pieces) => {
    const heard = readAll([...pieces, serverFrame(opcodes.text, text('later'))]);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatch(/^violation 100[29]: /);
  });

  it('close without a code is 1005', () => {
    expect(readAll([serverFrame(opcodes.close, closePayload(1005))])).toEqual(['close 1005']);
  });

  it('bytes of any kind never make it throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (pieces) => void readAll(pieces)),
      { numRuns: 300 },
    );
  });
});
