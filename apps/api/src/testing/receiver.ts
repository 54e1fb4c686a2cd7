import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: {
    readonly type: string;
    readonly sequence: number;
    readonly timestamp: string;
    readonly data: Record<string, unknown>;
  };
}

/** Somebody's server, that webhooks are sent to. */
export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What is answered from now on; a promise: only then. */
  answer: (received: Received) => AnswerOf | Promise<AnswerOf>;
  close(): Promise<void>;
}

interface AnswerOf {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startReceiver(): Promise<Receiver> {
  const receiver = { received: [] as Received[], answer: (() => ({ status: 204 })) as Receiver['answer'] };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
    request.on('end', () => {
      const received = { headers: request.headers, body, message: JSON.parse(body) as Received['message'] };
      receiver.received.push(received);
      void Promise.resolve(receiver.answer(received)).then(({ status, headers = {} }) =>
        response.writeHead(status, headers).end(),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
