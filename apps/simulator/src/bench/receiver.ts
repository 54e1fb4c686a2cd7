import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { systemClock, systemTimers } from '@onhook/service';
import { measureLateness, stolenTicksOf, type StealLook } from './lateness.js';
import type { Answer, Order } from './orders.js';
import { createReceiverServer, type ReceiverSocket, type ReceiverSocketHandlers } from './receiver-socket.js';

/**
 * The other end of the bench, a process of its own: a bare WebSocket server that notes when each frame arrives and answers each
 * with 20 ms of speech. Does as little else as it can, for what it does late is counted as the carrier's lateness.
 */
const frameBytes = 160;
const sliceMs = 100;
const framesAhead = 25;
const looks: StealLook[] = [];
let arrivedMs = new Float64Array(0);
let framesEach = 0;
let answers = 0;

process.on('message', (order: Order) => {
  switch (order.type) {
    case 'begin':
      return begin(order);
    case 'ping':
      return answer({ type: 'pong', atMs: systemClock.monotonicMs() });
    case 'report': {
      const lateness = measureLateness({ arrivedMs, framesEach, looks, ...order });
      const { user, system } = process.cpuUsage();
      return answer({ type: 'report', lateness, answers, cpuMs: (user + system) / 1000 });
    }
  }
});
process.on('disconnect', () => process.exit(0));

function answer(message: Answer): void {
  process.send?.(message);
}

function begin(order: Extract<Order, { type: 'begin' }>): void {
  framesEach = order.framesEach;
  arrivedMs = new Float64Array(order.streams * framesEach).fill(Number.NaN);
  const speech = Buffer.from(order.speech, 'base64');
  const payloads: string[] = [];
  for (let at = 0; at + frameBytes <= speech.length; at += frameBytes)
    payloads.push(speech.toString('base64', at, at + frameBytes));
  const server = createReceiverServer((socket, path) => hear(socket, Number(path.split('/').at(-1)), payloads));
  server.listen(0, '127.0.0.1', () => answer({ type: 'listening', port: (server.address() as AddressInfo).port }));
  look();
}

/** Steal is looked at every 100 ms: those are the slices. */
function look(): void {
  looks.push({ atMs: systemClock.monotonicMs(), stolenTicks: stolenTicksOf(procStat()) });
  systemTimers.after(sliceMs, look);
}

function procStat(): string {
  try {
    return readFileSync('/proc/stat', 'latin1');
  } catch {
    // Not on Linux: no steal is known, every slice is kept.
    return '';
  }
}

function hear(socket: ReceiverSocket, stream: number, payloads: readonly string[]): ReceiverSocketHandlers {
  let before = '';
  // Each stream is somewhere else in what is said.
  let next = (stream * 37) % payloads.length;
  const speak = (): void => {
    socket.sendText(`${before}${payloads[next]}"}}`);
    answers++;
    next = (next + 1) % payloads.length;
  };
  return {
    onText(masked, at, end, maskAt) {
      const atMs = systemClock.monotonicMs();
      const text = unmasked(masked, at, Math.min(end, at + beginning), maskAt);
      const chunk = Number(/"chunk":"(\d+)"/.exec(text)?.[1] ?? 0);
      if (chunk > 0) {
        if (chunk <= framesEach) arrivedMs[stream * framesEach + chunk - 1] = atMs;
        return speak();
      }
      const streamSid = /"streamSid":"(MZ\w+)"/.exec(unmasked(masked, at, end, maskAt))?.[1];
      if (streamSid === undefined || before !== '') return;
      before = `{"event":"media","streamSid":"${streamSid}","media":{"payload":"`;
      // Ahead of its time, as agents are: a frame that comes late then leaves no hole in what is heard.
      for (let i = 0; i < framesAhead; i++) speak();
    },
  };
}

/** So much of a message says which frame it is. */
const beginning = 96;

const plain = Buffer.alloc(64 * 1024);

function unmasked(bytes: Buffer, from: number, to: number, maskAt: number): string {
  for (let i = from; i < to; i++) plain[i - from] = bytes[i]! ^ bytes[maskAt + ((i - from) & 3)]!;
  return plain.toString('latin1', 0, to - from);
}
