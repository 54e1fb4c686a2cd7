import { createHash } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A TCP connection without a kernel: what is written at once is told at once. */
export interface Wire {
  readonly socket: Duplex;
  /** Bytes arrive, in order and in their own time. */
  push(bytes: Buffer | string): void;
  /** Bytes arrive now. What a stream of Node's costs by itself is left out: it costs every bridge the same. */
  deliver(bytes: Buffer): void;
}

export function createWire(onWrite: (parts: readonly Buffer[]) => void): Wire {
  const socket = new Duplex({ read() {}, write() {} });
  let corked: Buffer[] | null = null;
  socket.cork = () => void (corked = []);
  socket.uncork = () => {
    const parts = corked;
    corked = null;
    if (parts && parts.length > 0) onWrite(parts);
  };
  socket.write = ((chunk: Buffer | string, ...rest: unknown[]): boolean => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk;
    if (corked) corked.push(bytes);
    else onWrite([bytes]);
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  }) as Duplex['write'];
  return { socket, push: (bytes) => void socket.push(bytes), deliver: (bytes) => void socket.emit('data', bytes) };
}

/** The upgrade that a carrier asks for, as `http` would have read it. */
export function upgradeRequest(wire: Duplex, path: string): IncomingMessage {
  const request = new IncomingMessage(wire as Socket);
  request.method = 'GET';
  request.url = path;
  request.headers = {
    host: 'bench',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
    'x-twilio-signature': 'of the bench',
  };
  return request;
}

/** What a server answers to the upgrade in `head`. */
export function upgradeAnswer(head: string): string {
  const key = /sec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** One text frame of a server, or of a client if there is a key. */
export function textFrame(text: string, key: Uint8Array | null): Buffer {
  const body = Buffer.from(text);
  const length = body.length < 126 ? Buffer.of(body.length) : Buffer.of(126, body.length >> 8, body.length & 0xff);
  length[0]! |= key ? 0x80 : 0;
  if (key) for (let i = 0; i < body.length; i++) body[i]! ^= key[i % 4]!;
  return Buffer.concat([Buffer.of(0x81), length, key ?? Buffer.alloc(0), body]);
}

/** The text of one whole frame of a client. */
export function clientText(frame: Buffer): string {
  const keyAt = (frame[1]! & 0x7f) < 126 ? 2 : 4;
  const body = Buffer.from(frame.subarray(keyAt + 4));
  for (let i = 0; i < body.length; i++) body[i]! ^= frame[keyAt + (i % 4)]!;
  return body.toString('utf8');
}
