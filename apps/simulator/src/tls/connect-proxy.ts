import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { LedgerWriter } from '../ledger.js';
import { impersonated } from './names.js';

export interface ConnectProxy {
  server: Server;
  /** Before the server closes: it waits for its tunnels, but no longer knows them. */
  closeTunnels(): void;
}

/**
 * An HTTP proxy that leads nowhere but to the simulator: `CONNECT api.twilio.com:443` is answered by `front`, which
 * terminates TLS. Everything else is refused with 403, so that a program under test reaches nobody by mistake.
 */
export function createConnectProxy({ front, ledger }: { front: HttpsServer; ledger: LedgerWriter }): ConnectProxy {
  const tunnels = new Set<Duplex>();
  const refusal = 'The simulator stands in for api.twilio.com:443 and api.openai.com:443 only. Put other hosts into NO_PROXY.\n';

  const proxy = createServer((request, response) => {
    ledger.write('proxy-refused', { method: request.method, target: hostOf(request.url) });
    response.writeHead(403, { 'Content-Type': 'text/plain', Connection: 'close' }).end(refusal);
  });
  proxy.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const target = request.url ?? '';
    socket.on('error', () => socket.destroy());
    const [, name, port] = /^([^:/]+):(\d+)$/.exec(target) ?? [];
    const as = name !== undefined && port === '443' ? impersonated(name) : undefined;
    if (!as) {
      ledger.write('proxy-refused', { method: 'CONNECT', target });
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(refusal)}\r\nConnection: close\r\n\r\n${refusal}`,
      );
      return;
    }
    ledger.write('proxy-connected', { target, as });
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    // As an HTTPS server's own sockets are: a client that leaves in the middle of the handshake would else stay for ever.
    socket.allowHalfOpen = false;
    front.emit('connection', socket);
  });
  return { server: proxy, closeTunnels: () => tunnels.forEach((socket) => socket.destroy()) };
}

/** Of a request in absolute form, without its path and query, which may tell secrets. */
function hostOf(url = ''): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
