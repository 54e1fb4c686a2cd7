import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The server's end of a WebSocket, as bare as the carrier's: the receiver shares a machine with what it measures, and what
 * a library would take of the other core would be seen as lateness. It trusts its client: no fragments, less than 64 KB.
 */
export interface ReceiverSocket {
  sendText(text: string): void;
  /** A finished frame. False: its bytes are still read, do not write into them. */
  sendFrame(frame: Uint8Array): boolean;
  close(): void;
}

/** The text of a message at `bytes[from…to)`, masked as it came. The object is the same one at every call. */
export interface MaskedText {
  bytes: Buffer;
  from: number;
  to: number;
  maskKey: Uint8Array;
}

export interface ReceiverSocketHandlers {
  onText(message: Readonly<MaskedText>): void;
  onClose?(): void;
}

export function createReceiverServer(onSocket: (socket: ReceiverSocket, path: string) => ReceiverSocketHandlers): Server {
  const server = createServer((_request, response) => void response.writeHead(426).end());
  server.on('upgrade', (request, socket, head) => {
    const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    listen(socket, onSocket(receiverSocket(socket), request.url ?? ''), head);
  });
  return server;
}

function receiverSocket(socket: Duplex): ReceiverSocket {
  return {
    sendText: (text) => void (socket.writable && socket.write(serverFrame(text))),
    sendFrame(frame) {
      if (!socket.writable) return true;
      socket.write(frame);
      return socket.writableLength === 0;
    },
    close: () => void socket.end(Buffer.of(0x88, 0)),
  };
}

export function serverFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), Buffer.from(text)]);
}

function listen(socket: Duplex, handlers: ReceiverSocketHandlers, head: Buffer): void {
  let held = head;
  const message: MaskedText = { bytes: head, from: 0, to: 0, maskKey: new Uint8Array(4) };
  socket.on('data', (piece: Buffer) => {
    const bytes = held.length === 0 ? piece : Buffer.concat([held, piece]);
    let at = 0;
    for (;;) {
      if (bytes.length < at + 6) break;
      const short = bytes[at + 1]! & 0x7f;
      const maskAt = at + (short === 126 ? 4 : 2);
      const from = maskAt + 4;
      const to = from + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
      if (bytes.length < to) break;
      for (let i = 0; i < 4; i++) message.maskKey[i] = bytes[maskAt + i]!;
      message.bytes = bytes;
      [message.from, message.to] = [from, to];
      if (bytes[at] === 0x81) handlers.onText(message);
      else if (bytes[at] === 0x89) socket.write(pong(message));
      // Whatever the close says, it is answered without a code.
      else if (bytes[at] === 0x88) socket.end(Buffer.of(0x88, 0));
      at = to;
    }
    held = at === bytes.length ? empty : bytes.subarray(at);
  });
  // A connection that breaks ends its stream, which the other end notices and says.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => handlers.onClose?.());
}

function pong(ping: MaskedText): Buffer {
  const payload = unmasked(ping);
  return Buffer.concat([Buffer.of(0x8a, payload.length), payload]);
}

export function unmasked({ bytes, from, to, maskKey }: Readonly<MaskedText>): Buffer {
  const plain = Buffer.from(bytes.subarray(from, to));
  for (let i = 0; i < plain.length; i++) plain[i] = plain[i]! ^ maskKey[i & 3]!;
  return plain;
}

const empty = Buffer.alloc(0);
