import fc from 'fast-check';
import { createAudioFrames } from '@onhook/audio';
import { silentLogger, systemTimers } from '@onhook/service';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { mediaSocketOver } from './ws-media-socket.js';

const MAX_BYTES = 400;

/** What a peer's bytes came to: the messages, and the code with which the socket closed. */
interface Outcome {
  readonly messages: string[];
  readonly code: number;
}

let server: Server;
let outcomes: ((outcome: Outcome) => void)[] = [];
const frames = createAudioFrames(null);
const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: MAX_BYTES,
  perMessageDeflate: false,
  skipUTF8Validation: true,
  clientTracking: false,
});

beforeAll(async () => {
  server = createServer();
  server.on('upgrade', (request, wire, head) => {
    wire.on('error', () => wire.destroy());
    const messages: string[] = [];
    const done = outcomes.shift()!;
    sockets.handleUpgrade(request, wire, head, (ws) => {
      const onMessage = (bytes: Uint8Array): void => void messages.push(Buffer.from(bytes).toString('latin1'));
      const onClosed = ({ code }: { code: number }): void => done({ messages, code });
      if (request.url === '/ours') {
        const deps = { wire, frames, maxBytes: MAX_BYTES, timers: systemTimers, logger: silentLogger };
        return mediaSocketOver(ws, deps).listen({ onMessage, onClosed });
      }
      ws.on('error', () => undefined);
      ws.on('message', (data: Buffer, isBinary) => {
        if (!isBinary) onMessage(data);
      });
      ws.on('close', (code) => onClosed({ code }));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => new Promise((resolve) => void server.close(resolve)));

async function tell(path: '/ours' | '/ws', pieces: readonly Uint8Array[]): Promise<Outcome> {
  const outcome = new Promise<Outcome>((resolve) => outcomes.push(resolve));
  const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  const headers =
    'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.resume();
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => process.nextTick(resolve));
  }
  socket.end();
  const told = await outcome;
  socket.destroy();
  return told;
}

function frame(first: number, payload: Uint8Array, isMasked = true): Buffer {
  const size = payload.length < 126 ? Buffer.of(payload.length) : Buffer.of(126, payload.length >> 8, payload.length & 0xff);
  if (!isMasked) return Buffer.concat([Buffer.of(first), size, payload]);
  const key = Uint8Array.of(0x12, 0x9a, first, 0xf3);
  size[0]! |= 0x80;
  return Buffer.concat([Buffer.of(first), size, key, payload.map((byte, i) => byte ^ key[i % 4]!)]);
}

describe('what a carrier sends', () => {
  it('comes to the same as if the library alone had read it, whatever it is', async () => {
    const anyFrame = fc
      .record({
        first: fc.oneof(
          { weight: 10, arbitrary: fc.constant(0x81) },
          { weight: 6, arbitrary: fc.constantFrom(0x01, 0x00, 0x80, 0x82, 0x89, 0x8a) },
          { weight: 1, arbitrary: fc.constantFrom(0x88, 0xc1, 0x83, 0x09, 0x91) },
        ),
        payload: fc.oneof(fc.uint8Array({ maxLength: 30 }), fc.uint8Array({ minLength: 120, maxLength: MAX_BYTES + 5 })),
        isMasked: fc.oneof({ weight: 30, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      })
      .map(({ first, payload, isMasked }) => frame(first, payload, isMasked));
    const bytes = fc
      .tuple(fc.array(anyFrame, { maxLength: 8 }), fc.uint8Array({ maxLength: 12 }))
      .map(([all, noise]) => Buffer.concat([...all, noise]));
    const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(bytes, cuts, async (all, sizes) => {
        const pieces: Buffer[] = [];
        for (let at = 0, i = 0; at < all.length; at += sizes[i++ % sizes.length]!)
          pieces.push(all.subarray(at, at + sizes[i % sizes.length]!));
        expect(await tell('/ours', pieces)).toEqual(await tell('/ws', pieces));
      }),
      { numRuns: 60 },
    );
  });

  it('ends only the socket on which it came if it is against the rules', async () => {
    const good = [frame(0x81, Buffer.from('one')), frame(0x81, Buffer.from('two')), frame(0x88, Buffer.of(0x03, 0xe8))];
    const [bad, fine] = await Promise.all([
      tell('/ours', [
        frame(0x81, Buffer.from('one')),
        frame(0x81, Buffer.from('unmasked'), false),
        frame(0x81, Buffer.from('late')),
      ]),
      tell('/ours', good),
    ]);
    // Our close says 1002; it was not answered.
    expect(bad).toEqual({ messages: ['one'], code: 1006 });
    expect(fine).toEqual({ messages: ['one', 'two'], code: 1000 });
  });
});
