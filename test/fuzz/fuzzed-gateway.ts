import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { agentSchema, newCallId, newGatewayId, STREAM_PARAMETERS, type CallId, type E164 } from '@onhook/contracts';
import { createGatewayServer, createTraffic, GATEWAY_LIMITS, startGateway, type Gateway, type Traffic } from '@onhook/gateway';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { createOpenAiRealtimeAgent } from '@onhook/voice-agent/openai';
import { WebSocket } from 'ws';
import type { Provider } from './provider.js';

export const MEDIA_PATH = '/media';
const ACCOUNT_SID = `AC${'f'.repeat(32)}`;

/** A gateway with real sockets on both sides; its records are in memory, so that only sockets can go wrong. */
export interface FuzzedGateway {
  readonly gateway: Gateway;
  readonly port: number;
  readonly traffic: Readonly<Traffic>;
  /** Why the call was ended, as its record has it. */
  causeOf(callId: string): Promise<string | undefined>;
  /** A call that waits for its stream, and the start message that would open it. */
  dial(): Promise<{ callId: CallId; start: StartMessage }>;
  /** Errors that nobody caught: each would have ended the process and every call in it. */
  readonly uncaught: readonly string[];
  close(): Promise<void>;
}

export type StartMessage = ReturnType<typeof startMessage>;

const SHORT = { startWithinMs: 1_500, fuseMs: 300, socketsCloseWithinMs: 500, reportWithinMs: 3_000 };

export async function openFuzzedGateway(provider: Provider): Promise<FuzzedGateway> {
  const store = createMemoryStore({ database: createMemoryDatabase(systemClock), chance: systemChance });
  const traffic = createTraffic();
  const gateway = await startGateway({
    ...store,
    gatewayId: newGatewayId(systemChance.uuidv7()),
    mediaUrl: `ws://fuzz${MEDIA_PATH}`,
    seats: 10_000,
    accountSid: ACCOUNT_SID,
    isGenuineToken: (callId, attempt, token) => token === `${callId}/${attempt}`,
    waker: async () => {},
    carrier: {
      hangUp: async () => ({ outcome: 'asked', status: 'completed' }),
      fetchCall: async () => {
        throw new Error('there is no carrier to ask');
      },
      redirect: async () => ({ outcome: 'refused', reason: 'there is no carrier to ask' }),
    },
    voiceAgent: createOpenAiRealtimeAgent({
      url: provider.url,
      apiKey: 'sk-fuzz',
      logger: silentLogger,
      clock: systemClock,
      timers: systemTimers,
    }),
    agents: new Map([['fuzz', agentSchema.parse({ id: 'fuzz', name: 'Fuzz', instructions: 'Talk.', greeting: 'Hello.' })]]),
    recordings: null,
    clock: systemClock,
    timers: systemTimers,
    logger: silentLogger,
    limits: { ...GATEWAY_LIMITS, ...SHORT },
    protectGreeting: false,
    traffic,
  });
  const server = createGatewayServer({
    paths: [MEDIA_PATH],
    inbound: { isGenuineUpgrade: () => true },
    admit: gateway.admit,
    live: gateway.live,
    stage: gateway.stage,
    maxStreams: 10_000,
    timers: systemTimers,
    logger: silentLogger,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uncaught: string[] = [];
  const note = (error: unknown): void =>
    void uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);

  return {
    gateway,
    uncaught,
    traffic,
    async causeOf(callId) {
      const loaded = await store.calls.load(callId as CallId);
      return loaded && 'cause' in loaded.call ? loaded.call.cause : undefined;
    },
    port: (server.address() as AddressInfo).port,
    async dial() {
      const callId = newCallId('a', systemChance.uuidv7());
      const [to, from] = ['+14155550123' as E164, '+14155550199' as E164];
      const redial = { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 600 } as const;
      const policy = {
        ringTimeoutSec: 30,
        maxDurationSec: 3_600,
        transferLimitSec: 600,
        latestAt: null,
        redial,
        voicemail: 'continue',
      } as const;
      await store.calls.create(
        { callId, account: 'main', to, from, agentId: 'fuzz', variables: {}, metadata: {}, policy, notBefore: null },
        null,
      );
      await store.calls.apply(callId, { type: 'dial-started', source: 'dialer', n: 1, from });
      return { callId, start: startMessage(callId) };
    },
    async close() {
      await gateway.stop({ acceptMs: 0, goodbyeAfterMs: 0, endAfterMs: 0 });
      server.closeAllConnections();
      server.close();
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    },
  };
}

function startMessage(callId: CallId) {
  const hex = (): string => Buffer.from(systemChance.bytes(16)).toString('hex');
  const streamSid = `MZ${hex()}`;
  return {
    event: 'start',
    sequenceNumber: '1',
    start: {
      accountSid: ACCOUNT_SID,
      streamSid,
      callSid: `CA${hex()}`,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
      customParameters: {
        [STREAM_PARAMETERS.callId]: callId,
        [STREAM_PARAMETERS.attempt]: '1',
        [STREAM_PARAMETERS.token]: `${callId}/1`,
      },
    },
    streamSid,
  };
}

/** Media message number `n` of a stream, all of it one byte. */
export const mediaMessage = (streamSid: string, n: number, voice: number): string =>
  JSON.stringify({
    event: 'media',
    sequenceNumber: String(n + 1),
    media: {
      track: 'inbound',
      chunk: String(n),
      timestamp: String(n * 20),
      payload: Buffer.alloc(160, voice).toString('base64'),
    },
    streamSid,
  });

/** A call as it should be, beside the others: it speaks all the time, echoes marks, and keeps what it hears. */
export interface Neighbour {
  /** What went wrong with it, in words. */
  faults(): string[];
  framesSent(): number;
  hangUp(): Promise<void>;
}

const CALLEE = 0x11;
/** What every friendly provider says. */
export const AGENT = 0x22;
const SILENCE = 0xff;

export async function aNeighbour({ port, dial }: FuzzedGateway, provider: Provider): Promise<Neighbour> {
  const { callId, start } = await dial();
  const socket = new WebSocket(`ws://127.0.0.1:${port}${MEDIA_PATH}`, { perMessageDeflate: false });
  const faults: string[] = [];
  let heardBytes = 0;
  let sent = 0;
  let isOver = false;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as { event: string; media?: { payload: string }; mark?: unknown };
    if (message.event === 'mark') socket.send(JSON.stringify({ ...message, sequenceNumber: '1' }));
    if (message.event === 'clear') faults.push('it was told to be silent');
    if (message.event !== 'media') return;
    const audio = Buffer.from(message.media!.payload, 'base64');
    heardBytes += audio.length;
    if (audio.some((byte) => byte !== AGENT)) faults.push('it heard what was not said to it');
  });
  socket.on('close', () => void (isOver || faults.push('it was cut off')));
  await once(socket, 'open');
  socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
  socket.send(JSON.stringify(start));
  const timer = systemTimers.every(20, () => socket.send(mediaMessage(start.streamSid, ++sent, CALLEE)));
  await until('the neighbour is spoken to', () => heardBytes > 0);
  const before = heardBytes;

  return {
    framesSent: () => sent,
    faults() {
      const heard = provider.session(callId)?.heard() ?? Buffer.alloc(0);
      const found = [...new Set(faults)];
      if (heard.some((byte) => byte !== CALLEE && byte !== SILENCE)) found.push('its agent heard somebody else');
      // Some are on their way, and what was said first may have met a full queue.
      if (heard.length < (sent - 100) * 160 * 0.98) found.push(`its agent heard ${heard.length / 160} of ${sent} frames`);
      if (sent > 100 && heardBytes === before) found.push('it heard nothing any more');
      return found;
    },
    async hangUp() {
      isOver = true;
      timer.cancel();
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** @throws Error that says what did not come true in time */
export async function until(what: string, isSo: () => boolean, withinMs = 15_000): Promise<void> {
  const giveUpAt = systemClock.monotonicMs() + withinMs;
  while (!isSo()) {
    if (systemClock.monotonicMs() > giveUpAt) throw new Error(`not within ${withinMs} ms: ${what}`);
    await systemTimers.sleep(10);
  }
}
