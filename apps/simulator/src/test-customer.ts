import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { WebSocketServer, type WebSocket } from 'ws';
import { listen } from './listen.js';
import { createLedger, type Ledger, type LedgerEntry } from './ledger.js';
import { buildCarrierServer, type CarrierServerOptions } from './server.js';
import type { Scenario } from './scenarios.js';
import { createSpeech, type Speech } from './speech/index.js';

/** What tests stand on: the carrier on a free port, and a customer of it that records what it is sent. */
export interface TestBench {
  url: string;
  ledger: Ledger;
  speech: Speech;
  customer: Customer;
  whenEntry(kind: string, fits?: (entry: LedgerEntry) => boolean): Promise<LedgerEntry>;
  close(): Promise<void>;
}

interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  params: Record<string, string>;
}

interface Customer {
  /** `http://127.0.0.1:port` */
  url: string;
  wsUrl: string;
  requests: Received[];
  /** What it answers; 204 if this is `undefined`. */
  answer: ((received: Received) => { status: number; type?: string; body?: string } | undefined) | undefined;
  whenRequest(fits: (received: Received) => boolean): Promise<Received>;
  /** The next media stream that opens (each is handed out once, in order). */
  nextStream(): Promise<TestStream>;
  acceptsStreams: boolean;
}

export interface TestStream {
  socket: WebSocket;
  request: IncomingMessage;
  messages: Record<string, unknown>[];
  streamSid(): string;
  /** Everything but media, in order: `start`, `mark greeting`, `stop`. */
  words(): string[];
  send(message: Record<string, unknown>): void;
  say(audio: Uint8Array, mark?: string): void;
  when(fits: () => boolean): Promise<void>;
  closed: Promise<number>;
}

export const testAccount = { accountSid: 'AC0123456789abcdef0123456789abcdef', authToken: 'test-token' };

export async function openTestBench(
  options: Partial<CarrierServerOptions> & { scenarios?: readonly Scenario[] } = {},
): Promise<TestBench> {
  const logger = createLogger({ name: 'bench', level: 'error' });
  const ledger = createLedger({ clock: systemClock, logger });
  const speech = createSpeech({ logger });
  const base = { ...testAccount, ledger, speech, clock: systemClock, timers: systemTimers, chance: systemChance, logger };
  const carrier = buildCarrierServer({ timeLimitFloorSec: 1, ...base, ...options });
  const server = createServer(carrier.app);
  const port = await listen(server, '127.0.0.1', 0);
  const opened = await openCustomer();
  const { customer } = opened;

  return {
    url: `http://127.0.0.1:${port}`,
    ledger,
    speech,
    customer,
    whenEntry: (kind, fits = () => true) =>
      eventually(
        `ledger entry ${kind}`,
        (look) => ledger.subscribe(look),
        () => ledger.entries({ kind }).find(fits),
      ),
    async close() {
      carrier.close();
      await opened.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await speech.close();
    },
  };
}

async function openCustomer(): Promise<{ customer: Customer; close(): Promise<void> }> {
  const looks = new Set<() => void>();
  const changed = (): void => looks.forEach((look) => look());
  const watch = (look: () => void): (() => void) => (looks.add(look), () => void looks.delete(look));
  const streams: TestStream[] = [];

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const params = Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
      const received = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, params };
      const answer = customer.answer?.(received) ?? { status: 204 };
      response.writeHead(answer.status, answer.type === undefined ? {} : { 'Content-Type': answer.type }).end(answer.body);
      customer.requests.push(received);
      changed();
    });
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (!customer.acceptsStreams) return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      streams.push(createTestStream(accepted, request, watch, changed));
      changed();
    });
  });
  const port = await listen(server, '127.0.0.1', 0);

  const customer: Customer = {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    requests: [],
    answer: undefined,
    acceptsStreams: true,
    whenRequest: (fits) => eventually('request', watch, () => customer.requests.find(fits)),
    nextStream: () => eventually('stream', watch, () => streams.shift()),
  };
  return {
    customer,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function createTestStream(
  socket: WebSocket,
  request: IncomingMessage,
  watch: (look: () => void) => () => void,
  changed: () => void,
): TestStream {
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as Record<string, unknown>);
    changed();
  });
  const stream: TestStream = {
    socket,
    request,
    messages,
    streamSid: () => String(messages.find((message) => message['event'] === 'start')?.['streamSid']),
    words: () =>
      messages
        .filter((message) => message['event'] !== 'media')
        .map((message) =>
          message['event'] === 'mark' ? `mark ${(message['mark'] as { name: string }).name}` : String(message['event']),
        ),
    send: (message) => socket.send(JSON.stringify({ streamSid: stream.streamSid(), ...message })),
    say(audio, mark) {
      for (let at = 0; at < audio.length; at += 700) {
        stream.send({ event: 'media', media: { payload: Buffer.from(audio.subarray(at, at + 700)).toString('base64') } });
      }
      if (mark !== undefined) stream.send({ event: 'mark', mark: { name: mark } });
    },
    when: (fits) => eventually('stream message', watch, () => (fits() ? true : undefined)).then(() => undefined),
    closed: new Promise((resolve) => socket.on('close', (code) => resolve(code))),
  };
  return stream;
}

/** Waits for what `find` finds, looking whenever `watch` says that something changed; gives up after 15 s. */
function eventually<T>(what: string, watch: (look: () => void) => () => void, find: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const found = find();
    if (found !== undefined) return resolve(found);
    const impatience = systemTimers.after(15_000, () => {
      stop();
      reject(new Error(`no ${what} within 15 s`));
    });
    const stop = watch(() => {
      const late = find();
      if (late === undefined) return;
      impatience.cancel();
      stop();
      resolve(late);
    });
  });
}
