import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from '../api.js';
import { runCli } from '../run-cli.js';
import { createTerminal } from '../terminal.js';

interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly type: string | undefined;
  readonly accept: string | undefined;
  readonly body: string;
}

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: unknown;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An api of a few answers, in this process, and the CLI that asks it. Time passes only while the CLI sleeps. */
export interface SmallApi {
  readonly asked: readonly Asked[];
  /** `GET /v1/campaigns/camp_x`, without the query. A list is given one by one; the last one stays. */
  answer(route: string, ...answers: readonly (Answer | ((request: IncomingMessage) => Answer))[]): void;
  onhook(args: readonly string[], on?: { readonly terminal?: boolean; readonly signal?: AbortSignal }): Promise<Ran>;
  close(): Promise<void>;
}

const STARTED_AT = Date.UTC(2026, 2, 2, 12, 0, 0);

export async function startSmallApi(): Promise<SmallApi> {
  const asked: Asked[] = [];
  const answers = new Map<string, (Answer | ((request: IncomingMessage) => Answer))[]>();
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    const known = answers.get(`${method} ${url.split('?')[0]}`);
    const next = (known && known.length > 1 ? known.shift() : known?.[0]) ?? { status: 404, body: problem('not-found') };
    const { status = 200, type = 'application/json', body } = typeof next === 'function' ? next(request) : next;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-type': sent, accept } = request.headers;
      asked.push({ method, path: url, type: sent, accept, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(status, { 'Content-Type': type });
      response.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let now = STARTED_AT;

  return {
    asked,
    answer: (route, ...given) => void answers.set(route, [...given]),
    async onhook(args, { terminal: isTTY = false, signal = new AbortController().signal } = {}) {
      const written = { stdout: '', stderr: '' };
      const stream = (name: 'stdout' | 'stderr') => ({
        isTTY,
        columns: 120,
        write(chunk: Uint8Array | string, ...rest: unknown[]): boolean {
          written[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
          const done = rest.find((one): one is () => void => typeof one === 'function');
          done?.();
          return true;
        },
      });
      const sleep = (ms: number): Promise<void> => {
        now += ms;
        return Promise.resolve();
      };
      const code = await runCli(
        args,
        {
          terminal: createTerminal({ stdout: stream('stdout'), stderr: stream('stderr') }, { NO_COLOR: '1' }),
          timers: { sleep },
          clock: { now: () => now },
          chance: { uuid: () => '00000000-0000-4000-8000-000000000000', bytes: (size) => new Uint8Array(size) },
          env: {},
          signal,
          fetch,
          api: () => createApi({ url, apiKey: 'ok_test' }, { fetch, sleep }),
          examine: () => Promise.resolve([]),
        },
        '0.1.0',
      );
      return { code, ...written };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const problem = (code: string, detail?: string) => ({ type: `/docs#${code}`, title: code, status: 404, code, detail });
