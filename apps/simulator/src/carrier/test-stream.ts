import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { createLedger } from '../ledger.js';
import { openMediaStream, type MediaStreamOptions } from './media-stream.js';

type Message = { event: string; sequenceNumber?: string; media?: Record<string, string>; [field: string]: unknown };

export const streamSid = 'MZ0123456789abcdef0123456789abcdef';
const closers: (() => void)[] = [];

/** For `afterEach`: whatever the tests have opened is closed. */
export function closeAll(): void {
  for (const close of closers.splice(0)) close();
}

/** A stream to a server that writes down what it is sent; `pass` is called by hand. */
export async function connect(options: Partial<MediaStreamOptions> = {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await new Promise((resolve) => server.on('listening', resolve));
  const messages: Message[] = [];
  const looks = new Set<() => void>();
  const look = (): void => looks.forEach((one) => one());
  const accepted = new Promise<WebSocket>((resolve) =>
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        messages.push(JSON.parse(data.toString()) as Message);
        look();
      });
      resolve(socket);
    }),
  );
  const ledger = createLedger({ clock: systemClock, logger: silentLogger });
  const stream = openMediaStream({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/media`,
    parameters: {},
    streamSid,
    callSid: 'CA1',
    accountSid: 'AC1',
    authToken: 'token',
    firstTimestampMs: 155,
    clock: systemClock,
    timers: systemTimers,
    chance: systemChance,
    ledger,
    ...options,
  });
  const socket = await accepted;
  const opening = await stream.opened;
  if (!opening.ok) throw new Error(opening.why);
  const until = (fits: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const impatience = systemTimers.after(5_000, () => reject(new Error(JSON.stringify(messages).slice(0, 500))));
      const one = (): void => {
        if (!fits()) return;
        impatience.cancel();
        looks.delete(one);
        resolve();
      };
      looks.add(one);
      one();
    });
  const media = (): Message[] => messages.filter((message) => message.event === 'media');
  const words = (): string[] => messages.map((message) => message.event);
  return { stream, socket, messages, media, words, until, ledger, closed: new Promise((resolve) => socket.on('close', resolve)) };
}

export const speak = (event: Record<string, unknown>): string => JSON.stringify({ streamSid, ...event });
