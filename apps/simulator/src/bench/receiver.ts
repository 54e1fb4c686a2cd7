import type { AddressInfo } from 'node:net';
import { systemClock } from '@onhook/service';
import { measureLateness, type StealLook } from './lateness.js';
import type { Answer, Order } from './orders.js';
import { chunkOf } from './media-chunk.js';
import { createReceiverServer, unmasked, type ReceiverSocket, type ReceiverSocketHandlers } from './receiver-socket.js';
import { startLooking } from './steal-looks.js';
import { createSpeechFrame, type SpeechFrame } from './speech-frame.js';

/**
 * The other end of the bench, a process of its own: a bare WebSocket server that notes when each frame arrives and answers each
 * with 20 ms of speech. Does as little else as it can, for what it does late is counted as the carrier's lateness.
 */
const frameBytes = 160;
const framesAhead = 25;
let looks: readonly StealLook[] = [];
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
  const payloads: Buffer[] = [];
  for (let at = 0; at + frameBytes <= speech.length; at += frameBytes)
    payloads.push(Buffer.from(speech.toString('base64', at, at + frameBytes), 'latin1'));
  const server = createReceiverServer((socket, path) => hear(socket, Number(path.split('/').at(-1)), payloads));
  server.listen(0, '127.0.0.1', () => answer({ type: 'listening', port: (server.address() as AddressInfo).port }));
  looks = startLooking();
}

function hear(socket: ReceiverSocket, stream: number, payloads: readonly Buffer[]): ReceiverSocketHandlers {
  let frame: SpeechFrame | undefined;
  // Each stream is somewhere else in what is said.
  let next = (stream * 37) % payloads.length;
  const speak = (to: SpeechFrame): void => {
    if (!socket.sendFrame(to.fill(payloads[next]!))) to.letGo();
    answers++;
    next = (next + 1) % payloads.length;
  };
  return {
    onText(message) {
      const atMs = systemClock.monotonicMs();
      const chunk = chunkOf(message);
      if (chunk > 0) {
        if (chunk <= framesEach) arrivedMs[stream * framesEach + chunk - 1] = atMs;
        return frame && speak(frame);
      }
      const streamSid = /"streamSid":"(MZ\w+)"/.exec(unmasked(message).toString('latin1'))?.[1];
      if (streamSid === undefined || frame) return;
      const before = `{"event":"media","streamSid":"${streamSid}","media":{"payload":"`;
      frame = createSpeechFrame({ before, after: '"}}', payloadBytes: payloads[0]!.length });
      // Ahead of its time, as agents are: a frame that comes late then leaves no hole in what is heard.
      for (let i = 0; i < framesAhead; i++) speak(frame);
    },
  };
}
