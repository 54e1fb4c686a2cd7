import { silence } from '@onhook/audio';
import { agentSchema, CARRIER_PATHS, newCallId } from '@onhook/contracts';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import type { VoiceAgentSession } from '@onhook/voice-agent';
import { createOpenAiRealtimeAgent } from '@onhook/voice-agent/openai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { AGENT_BACKPRESSURE, CARRIER_BACKPRESSURE, createBackpressure, type BackpressureLimits } from './backpressure.js';
import { createCarrierMessages } from './carrier-messages.js';
import type { MediaSocket } from './media-socket.js';
import { createGatewayServer } from './server.js';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (condition()) return;
    await systemTimers.sleep(20);
  }
  throw new Error('the awaited did not happen within 6 s');
}

/** Waits until the network takes no more, then looks as often as a call does, on a clock that runs faster. */
async function isFoundStuck(
  { bufferedBytes, takenBytes }: Pick<MediaSocket, 'bufferedBytes'> & Partial<Pick<MediaSocket, 'takenBytes'>>,
  limits: BackpressureLimits,
): Promise<boolean> {
  await systemTimers.sleep(200);
  const pressure = createBackpressure(limits);
  let isStuck = false;
  for (let atMs = 0; atMs <= limits.stuckAfterMs; atMs += 500) {
    isStuck = pressure.isStuck(bufferedBytes(), atMs, takenBytes?.());
  }
  return isStuck;
}

async function aCarrier(): Promise<{ carrier: WebSocket; socket: MediaSocket }> {
  let socket: MediaSocket | undefined;
  const server = createGatewayServer({
    paths: [CARRIER_PATHS.media],
    inbound: { isGenuineUpgrade: () => true },
    admit: async (one) => void (socket = one),
    live: () => 0,
    stage: () => 'open',
    maxStreams: 10,
    timers: systemTimers,
    logger: silentLogger,
  });
  const port = await listening(server);
  const carrier = new WebSocket(`ws://127.0.0.1:${port}${CARRIER_PATHS.media}`, { perMessageDeflate: false });
  closers.push(() => carrier.terminate());
  await once(carrier, 'open');
  await until(() => socket !== undefined);
  return { carrier, socket: socket! };
}

describe('a carrier that reads nothing', () => {
  it('is found out by what waits, control messages and audio alike, and is cut off all the same', async () => {
    const { carrier, socket } = await aCarrier();
    let closedWith = 0;
    socket.listen({ onMessage: () => {}, onClosed: ({ code }) => void (closedWith = code) });
    carrier.pause();

    const messages = createCarrierMessages(`MZ${'0'.repeat(32)}` as never);
    // What the kernel takes before it refuses is its own affair.
    for (let i = 0; i < 2_000 && socket.bufferedBytes() < 200_000; i++) {
      socket.sendAudio(messages.media.before, silence(8_000), messages.media.after);
      socket.send(messages.mark(`m${i}`));
      await systemTimers.sleep(0);
    }
    expect(await isFoundStuck(socket, CARRIER_BACKPRESSURE)).toBe(true);
    const closingAt = systemClock.monotonicMs();
    socket.close(1000, 'call over');
    await until(() => closedWith !== 0);
    expect(systemClock.monotonicMs() - closingAt).toBeLessThan(3_000);
  });
});

describe('a carrier that reads, but slower than the answer comes', () => {
  it('is not found stuck, though what waits becomes more and more, and all of it in one write', async () => {
    const { carrier, socket } = await aCarrier();
    const messages = createCarrierMessages(`MZ${'0'.repeat(32)}` as never);
    const answer = silence(80_000);
    carrier.pause();
    while (socket.bufferedBytes() < 16_000_000) {
      for (let i = 0; i < 10; i++) socket.sendAudio(messages.media.before, answer, messages.media.after);
      await systemTimers.sleep(0);
    }
    const under = (carrier as unknown as { readonly _socket: Socket })._socket;
    const pressure = createBackpressure(CARRIER_BACKPRESSURE);
    for (let look = 0; look < 13; look++) {
      const taken = socket.takenBytes();
      const waiting = socket.bufferedBytes();
      let read = 0;
      // A megabyte of what waits at most; what was read first may have waited in the kernel.
      const count = (bytes: Buffer): void => {
        read += bytes.length;
        if (read > 1_000_000 || socket.takenBytes() > taken) under.pause();
      };
      under.on('data', count);
      under.resume();
      await until(() => under.isPaused());
      under.off('data', count);
      while (socket.bufferedBytes() <= waiting) socket.sendAudio(messages.media.before, answer, messages.media.after);
      expect(pressure.isStuck(socket.bufferedBytes(), look * 500, socket.takenBytes())).toBe(false);
    }
  });
});

describe('an agent that reads nothing', () => {
  it('is found out by what waits, and is cut off all the same', async () => {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    let agentSide: WebSocket | undefined;
    sockets.on('connection', (one) => {
      agentSide = one;
      one.send(JSON.stringify({ type: 'session.created', session: { id: 'sess_1' } }));
      one.once('message', () => one.send(JSON.stringify({ type: 'session.updated', session: { id: 'sess_1' } })));
    });
    const port = await listening(http);
    let isReady = false;
    let isClosed = false;
    const agent = createOpenAiRealtimeAgent({
      url: `ws://127.0.0.1:${port}/v1/realtime`,
      apiKey: 'sk-test',
      logger: silentLogger,
      clock: systemClock,
      timers: systemTimers,
    });
    const nothing = (): void => {};
    const session: VoiceAgentSession = agent.open(
      {
        callId: newCallId('a', systemChance.uuidv7()),
        attempt: 1,
        agent: agentSchema.parse({ id: 'demo', name: 'Demo', instructions: 'Talk.', greeting: 'Hello.' }),
        variables: {},
        tools: [],
      },
      {
        ready: () => void (isReady = true),
        audio: nothing,
        audioDone: nothing,
        turnDone: nothing,
        calleeStartedSpeaking: nothing,
        calleeStoppedSpeaking: nothing,
        transcript: nothing,
        toolCall: nothing,
        error: nothing,
        closed: () => void (isClosed = true),
      },
    );
    await until(() => isReady);
    agentSide!.pause();
    const second = silence(8_000);
    for (let i = 0; i < 4_000 && session.bufferedBytes() < 100_000; i++) {
      session.hear(second);
      if (i % 10 === 0) await systemTimers.sleep(0);
    }
    const pressure = createBackpressure(AGENT_BACKPRESSURE);
    expect(pressure.isFull(session.bufferedBytes())).toBe(true);
    expect(await isFoundStuck(session, AGENT_BACKPRESSURE)).toBe(true);
    const closingAt = systemClock.monotonicMs();
    session.close('it reads nothing any more');
    await until(() => isClosed);
    expect(systemClock.monotonicMs() - closingAt).toBeLessThan(2_000);
  });
});
