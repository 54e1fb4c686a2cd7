import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The server's end of a WebSocket, as bare as the carrier's: the receiver shares a machine with what it measures, and what
 * a library would take of the other core would be seen as lateness. It trusts its client: text frames of less than 64 KB.
 */
export interface ReceiverSocket {
  sendText(text: string): void;
}

export interface ReceiverSocketHandlers {
  /** `masked` is the text from `at` on, as it came. */
  onText(masked: Buffer, at: number, end: number, maskAt: number): void;
}

export function createReceiverServer(onSocket: (socket: ReceiverSocket, path: string) => ReceiverSocketHandlers): Server {
  const server = createServer((_request, response) => void response.writeHead(426).end());
  server.on('upgrade', (request, socket, head) => {
    const key = `${request.headers['sec-websocket-key'] ?? ''}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const handlers = onSocket(
      { sendText: (text) => void socket.write(headerOf(text.length) + text, 'latin1') },
      request.url ?? '',
    );
    listen(socket, handlers, head);
  });
  return server;
}

function headerOf(length: number): string {
  return length < 126 ? String.fromCharCode(0x81, length) : String.fromCharCode(0x81, 126, length >> 8, length & 0xff);
}

function listen(socket: Duplex, { onText }: ReceiverSocketHandlers, head: Buffer): void {
  let held = head;
  socket.on('data', (piece: Buffer) => {
    const bytes = held.length === 0 ? piece : Buffer.concat([held, piece]);
    let at = 0;
    for (;;) {
      if (bytes.length < at + 6) break;
      const short = bytes[at + 1]! & 0x7f;
      const maskAt = at + (short === 126 ? 4 : 2);
      const from = maskAt + 4;
      const end = from + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
      if (bytes.length < end) break;
      if (bytes[at] === 0x81) onText(bytes, from, end, maskAt);
      // Whatever the close says, it is answered without a code.
      else if (bytes[at] === 0x88) socket.end(Buffer.of(0x88, 0));
      at = end;
    }
    held = at === bytes.length ? empty : bytes.subarray(at);
  });
  // A connection that breaks ends its stream, which the carrier notices and says.
  socket.on('error', () => socket.destroy());
}

const empty = Buffer.alloc(0);
