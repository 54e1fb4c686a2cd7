import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http';
import { Duplex } from 'node:stream';
import type { Draw } from './draw.js';
import type { Scheduler } from './scheduler.js';
import type { SimProcess } from './sim-process.js';

/** A process that serves HTTP. */
export interface HttpHost {
  readonly process: SimProcess;
  readonly app: RequestListener;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type HttpAnswer =
  | { readonly outcome: 'answered'; readonly status: number; readonly body: string; readonly process: string }
  /** Nobody listens: nothing was sent. */
  | { readonly outcome: 'refused' }
  /** What was sent may have been carried out. */
  | { readonly outcome: 'reset' }
  | { readonly outcome: 'timeout' };

export interface Network {
  /** To any host that still listens, as a balancer in front of them would choose. */
  request(request: HttpRequest, withinMs: number): Promise<HttpAnswer>;
  /** Requests under way inside our processes. */
  open(): number;
}

export function createNetwork({
  scheduler,
  draw,
  hosts,
}: {
  scheduler: Scheduler;
  draw: Draw;
  hosts: () => readonly HttpHost[];
}): Network {
  let open = 0;

  function request(asked: HttpRequest, withinMs: number): Promise<HttpAnswer> {
    return new Promise((resolve) => {
      const there = draw.between(0.2, 8);
      const back = draw.between(0.2, 8);
      let isDone = false;
      const done = (answer: HttpAnswer): void => {
        if (isDone) return;
        isDone = true;
        late.cancel();
        resolve(answer);
      };
      const late = scheduler.after(withinMs, () => done({ outcome: 'timeout' }));
      scheduler.after(there, () => {
        const listening = hosts().filter(({ process }) => process.isAlive());
        if (listening.length === 0) return done({ outcome: 'refused' });
        const { process, app } = draw.pick(listening);
        process.onDeath(() => done({ outcome: 'reset' }));
        process.deliver(() => {
          open++;
          void answerOf(app, asked).then(({ status, body }) => {
            open--;
            scheduler.after(back, () => done({ outcome: 'answered', status, body, process: process.name }));
          });
        });
      });
    });
  }

  return { request, open: () => open };
}

/** Through the real application, streams and parsers and all, without a socket. */
function answerOf(app: RequestListener, { method, path, headers, body }: HttpRequest): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const socket = Object.assign(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }), {
      remoteAddress: '127.0.0.1',
      encrypted: false,
    });
    const request = new IncomingMessage(socket as never);
    request.method = method;
    request.url = path;
    request.httpVersion = '1.1';
    request.headers = {
      host: 'simulated',
      ...(body !== '' && { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    };
    if (body !== '') request.push(body);
    request.push(null);
    const response = new ServerResponse(request);
    const pieces: Buffer[] = [];
    const keep = (chunk: unknown): void => {
      if (typeof chunk === 'string') pieces.push(Buffer.from(chunk));
      else if (chunk instanceof Uint8Array) pieces.push(Buffer.from(chunk));
    };
    response.write = ((chunk: unknown) => {
      keep(chunk);
      return true;
    }) as typeof response.write;
    response.end = ((chunk?: unknown) => {
      keep(chunk);
      resolve({ status: response.statusCode, body: Buffer.concat(pieces).toString('utf8') });
      response.emit('finish');
      response.emit('close');
      return response;
    }) as typeof response.end;
    app(request, response);
  });
}
