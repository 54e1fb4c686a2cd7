import fc from 'fast-check';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { connect, createServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createAudioFrames, createAudioMessages, type MuLawAudio } from './index.js';

const before = Buffer.from('{"type":"input_audio_buffer.append","audio":"');
const after = Buffer.from('"}');
let drawn = 0;
const masks = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => (drawn = (drawn * 17 + 29) % 65_521) & 0xff);

/** What was written, each time; copied as a network would, or kept. */
function aSocket({ keeps }: { keeps: boolean }): { socket: Writable; frames: Buffer[]; take: () => void } {
  const frames: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const socket = new Writable({
    write(chunk: Buffer, _, done) {
      frames.push(keeps ? chunk : Buffer.from(chunk));
      if (keeps) waiting.push(done);
      else done();
    },
    highWaterMark: 1,
  });
  return { socket, frames, take: () => waiting.shift()?.() };
}

/** What these chunks keep in memory, each buffer that they lie in once. */
function retained(chunks: readonly Uint8Array[]): number {
  return [...new Set(chunks.map((chunk) => chunk.buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The text of one whole frame, by RFC 6455 §5.2. */
function textOf(bytes: Buffer, isMasked: boolean): string {
  expect(bytes[0]).toBe(0x81);
  expect(bytes[1]! >> 7).toBe(isMasked ? 1 : 0);
  const short = bytes[1]! & 0x7f;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (!isMasked) return (expect(bytes.length).toBe(at + length), bytes.toString('utf8', at));
  expect(bytes.length).toBe(at + 4 + length);
  return Buffer.from(bytes.subarray(at + 4).map((byte, i) => byte ^ bytes[at + (i % 4)]!)).toString('utf8');
}

/** The same audio as bytes in the middle of a buffer, and as it lies in somebody's message. */
function bothWays(bytes: Uint8Array): MuLawAudio[] {
  const messages = createAudioMessages<null>({ audio: 'payload', free: [] });
  const message = Buffer.from(JSON.stringify({ payload: Buffer.from(bytes).toString('base64') }));
  messages.study(message, null);
  return [Buffer.concat([Buffer.from('xy'), bytes, Buffer.from('z')]).subarray(2, 2 + bytes.length), messages.find(message)!];
}

describe.each([
  ['client', masks],
  ['server', null],
] as const)('a frame with audio of a %s', (_, keys) => {
  it('has the text that JSON.stringify writes, however long it is', () => {
    const frames = createAudioFrames(keys);
    const length = fc.oneof(fc.nat(1_000), fc.constantFrom(57, 58, 59, 60, 61, 160, 480, 800, 49_100, 49_105, 49_115, 80_000));
    fc.assert(
      fc.property(length, fc.nat(255), (bytes, first) => {
        const audio = Uint8Array.from({ length: bytes }, (__, i) => (first + i * 7) % 256);
        const expected = JSON.stringify({ type: 'input_audio_buffer.append', audio: Buffer.from(audio).toString('base64') });
        for (const way of bothWays(audio)) {
          const { socket, frames: written } = aSocket({ keeps: false });
          frames.write(socket, before, way, after);
          expect(written.map((frame) => textOf(frame, keys !== null))).toEqual([expected]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays as it is while a socket has not sent it', () => {
    const frames = createAudioFrames(keys);
    const slow = aSocket({ keeps: true });
    const quick = aSocket({ keeps: false });
    for (let n = 0; n < 5; n++) {
      frames.write(slow.socket, before, new Uint8Array(160).fill(n), after);
      frames.write(quick.socket, before, new Uint8Array(160).fill(99), after);
    }
    for (let n = 0; n < 5; n++) slow.take();
    const texts = slow.frames.map((frame) => textOf(frame, keys !== null));
    expect(texts).toEqual(
      [0, 1, 2, 3, 4].map((n) =>
        JSON.stringify({ type: 'input_audio_buffer.append', audio: Buffer.alloc(160, n).toString('base64') }),
      ),
    );
    expect(new Set(quick.frames.map((frame) => textOf(frame, keys !== null))).size).toBe(1);
  });

  it('keeps, while a socket takes nothing, hardly more than its own bytes, also after one of 128 KB', () => {
    const frames = createAudioFrames(keys);
    frames.write(aSocket({ keeps: false }).socket, before, new Uint8Array(96_000), after);
    const slow = aSocket({ keeps: true });
    for (let n = 0; n < 100; n++) frames.write(slow.socket, before, new Uint8Array(160).fill(n), after);
    for (let n = 0; n < 100; n++) slow.take();
    expect(slow.frames).toHaveLength(100);
    expect(retained(slow.frames)).toBeLessThan(100_000);
  });
});

describe('a frame with audio over TLS', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0).reverse()) close();
  });

  it('arrives as it was written, and keeps hardly more than its own bytes', async () => {
    // A key that both know: a real TLS socket without a certificate.
    const shared = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const psk = Buffer.alloc(32, 7);
    let arrived = Buffer.alloc(0);
    const server = createServer({ ...shared, pskCallback: () => psk }, (socket) => {
      socket.on('data', (bytes: Buffer) => (arrived = Buffer.concat([arrived, bytes])));
      closers.push(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => server.close());
    const socket = connect({
      ...shared,
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      pskCallback: () => ({ psk, identity: 'test' }),
      checkServerIdentity: () => undefined,
    });
    closers.push(() => socket.destroy());
    await once(socket, 'secureConnect');

    const written: Buffer[] = [];
    const write = socket.write.bind(socket);
    socket.write = ((chunk: Buffer) => (written.push(chunk), write(chunk))) as typeof socket.write;
    const frames = createAudioFrames(null);
    const texts: string[] = [];
    for (let n = 0; n < 100; n++) {
      const audio = new Uint8Array(n === 50 ? 96_000 : 160).fill(n);
      frames.write(socket, before, audio, after);
      texts.push(`${before.toString()}${Buffer.from(audio).toString('base64')}${after.toString()}`);
      // Also onto a socket that has sent all before.
      if (n % 10 === 0) await expect.poll(() => socket.writableLength).toBe(0);
    }
    const bytes = texts.reduce((sum, text) => sum + text.length + (text.length < 65_536 ? 4 : 10), 0);
    await expect.poll(() => arrived.length, { timeout: 5_000 }).toBe(bytes);
    let at = 0;
    for (const text of texts) {
      const end = at + text.length + (text.length < 65_536 ? 4 : 10);
      expect(textOf(arrived.subarray(at, end), false) === text).toBe(true);
      at = end;
    }
    expect(retained(written.filter(({ length }) => length < 1_000))).toBeLessThan(100_000);
  });
});

it('every frame of a client is masked with a key of its own', () => {
  const frames = createAudioFrames(masks);
  const { socket, frames: written } = aSocket({ keeps: false });
  // More than are drawn at once.
  for (let i = 0; i < 2_100; i++) frames.write(socket, before, new Uint8Array(160), after);
  expect(new Set(written.map((frame) => frame.toString('hex', 4, 8))).size).toBeGreaterThan(2_000);
});
