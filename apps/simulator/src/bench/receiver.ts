import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { systemClock, systemTimers } from '@onhook/service';
import { WebSocketServer, type WebSocket } from 'ws';
import { measureLateness, stolenTicksOf, type StealLook } from './lateness.js';
import type { Answer, Order } from './orders.js';

/**
 * The other end of the bench, a process of its own: a WebSocket server that notes when each frame arrives and answers each
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
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, skipUTF8Validation: true });
  server.on('connection', (socket, request) => hear(socket, Number(request.url?.split('/').at(-1)), payloads));
  server.on('listening', () => answer({ type: 'listening', port: (server.address() as AddressInfo).port }));
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

function hear(socket: WebSocket, stream: number, payloads: readonly string[]): void {
  let before = '';
  const speak = (): void => {
    socket.send(`${before}${payloads[next]}"}}`);
    answers++;
    next = (next + 1) % payloads.length;
  };
  // Each stream is somewhere else in what is said.
  let next = (stream * 37) % payloads.length;
  socket.on('message', (data: Buffer) => {
    const atMs = systemClock.monotonicMs();
    const chunk = chunkOf(data);
    if (chunk === 0) {
      const streamSid = /"streamSid":"(MZ\w+)"/.exec(data.toString('latin1'))?.[1];
      if (streamSid === undefined) return;
      before = `{"event":"media","streamSid":"${streamSid}","media":{"payload":"`;
      // Ahead of its time, as agents are: a frame that comes late then leaves no hole in what is heard.
      for (let i = 0; i < framesAhead; i++) speak();
      return;
    }
    if (chunk <= framesEach) arrivedMs[stream * framesEach + chunk - 1] = atMs;
    speak();
  });
}

const chunkKey = Buffer.from('"chunk":"');

/** The number of a media message; 0 if it is another one. */
function chunkOf(data: Buffer): number {
  const at = data.indexOf(chunkKey);
  if (at < 0) return 0;
  let chunk = 0;
  for (let i = at + chunkKey.length; data[i] !== 0x22; i++) chunk = chunk * 10 + data[i]! - 0x30;
  return chunk;
}
