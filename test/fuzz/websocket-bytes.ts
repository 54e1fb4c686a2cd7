import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A WebSocket client that keeps no rule: what goes over the wire is written byte by byte (RFC 6455 §5.2). */
export interface FrameHead {
  readonly fin?: boolean;
  /** The three reserved bits. */
  readonly rsv?: number;
  readonly opcode: number;
  readonly masked?: boolean;
  /** Lies about the length. */
  readonly length?: bigint;
}

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export function frame(payload: Uint8Array, { fin = true, rsv = 0, opcode, masked = true, length }: FrameHead): Buffer {
  const told = length ?? BigInt(payload.length);
  const maskBit = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  let head: Buffer;
  if (told < 126n) head = Buffer.of(first, maskBit | Number(told));
  else if (told < 65_536n) head = Buffer.of(first, maskBit | 126, Number(told >> 8n), Number(told & 255n));
  else {
    head = Buffer.alloc(10);
    head[0] = first;
    head[1] = maskBit | 127;
    head.writeBigUInt64BE(BigInt.asUintN(64, told), 2);
  }
  if (!masked) return Buffer.concat([head, payload]);
  const key = Buffer.of(0x37, 0xfa, 0x21, 0x3d);
  const hidden = Buffer.from(payload.map((byte, i) => byte ^ key[i & 3]!));
  return Buffer.concat([head, key, hidden]);
}

export const text = (words: string): Buffer => frame(Buffer.from(words), { opcode: OPCODES.text });

/** Resolves when the server has agreed to speak WebSocket; rejects if it did not. */
export async function upgraded(port: number, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // resets are what is tried here
  await once(socket, 'connect');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: fuzz\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101'))
    throw new Error(`the upgrade was answered ${answer.toString('latin1', 0, 40)}`);
  socket.resume();
  return socket;
}
