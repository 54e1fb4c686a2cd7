import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface Received {
  method: string;
  /** Path and query. */
  target: string;
  headers: IncomingHttpHeaders;
  params: Record<string, string>;
}

/** A customer of the carrier: keeps what it is sent, and serves TwiML by path. */
export interface Customer {
  url: string;
  wsUrl: string;
  requests: Received[];
  upgrades: Received[];
  /** All messages of all streams, in order. */
  messages: Record<string, unknown>[];
  documents: Map<string, string>;
  /** Resolves when there is such a request, past or to come. The test's own time limit bounds the wait. */
  whenRequest(fits: (received: Received) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Each stream says one second of sound with a mark behind it, and hangs up when it has been heard. */
export async function openCustomer(): Promise<Customer> {
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const params = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
      const target = request.url ?? '';
      customer.requests.push({ method: request.method ?? '', target, headers: request.headers, params });
      waiting.forEach((look) => look());
      const document = customer.documents.get(target.split('?', 1)[0] ?? '');
      if (document === undefined) response.writeHead(204).end();
      else response.writeHead(200, { 'Content-Type': 'text/xml' }).end(document);
    });
  });
  const sockets = new WebSocketServer({ server, perMessageDeflate: true });
  sockets.on('connection', (socket, request) => {
    customer.upgrades.push({ method: 'GET', target: request.url ?? '', headers: request.headers, params: {} });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>;
      customer.messages.push(message);
      const { event, streamSid } = message;
      if (event === 'start') {
        socket.send(
          JSON.stringify({ event: 'media', streamSid, media: { payload: Buffer.alloc(8000, 0x55).toString('base64') } }),
        );
        socket.send(JSON.stringify({ event: 'mark', streamSid, mark: { name: 'greeting' } }));
      }
      if (event === 'mark') socket.close();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const customer: Customer = {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    requests: [],
    upgrades: [],
    messages: [],
    documents: new Map(),
    whenRequest: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!customer.requests.some(fits)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return customer;
}
