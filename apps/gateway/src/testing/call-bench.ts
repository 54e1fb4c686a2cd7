import { muLawWavHeader, readMuLawWav, type MuLawWav } from '@onhook/audio';
import type { Call } from '@onhook/call';
import type { Redirect, RedirectOutcome } from '@onhook/carrier';
import {
  agentSchema,
  newCallId,
  newGatewayId,
  type Agent,
  type AgentSource,
  type AnsweredBy,
  type CallId,
  type CarrierCallId,
  type CarrierStatus,
  type E164,
  type GatewayId,
  type StreamSid,
  type Wake,
} from '@onhook/contracts';
import { silentLogger, type Logger } from '@onhook/service';
import { createSeededChance, createVirtualTime, type VirtualTime } from '@onhook/service/virtual-time';
import { createMemoryDatabase, createMemoryStore, type MemoryStore } from '@onhook/store/memory';
import type { ToolSurroundings } from '../call-tools.js';
import { startGateway, type Gateway, type GatewayDeps } from '../gateway.js';
import { GATEWAY_LIMITS, type GatewayLimits } from '../limits.js';
import type { RecordingStore } from '@onhook/recordings';
import type { Traffic } from '../traffic.js';
import { createFakeAgent, type FakeAgent, type FakeSession } from './fake-agent.js';
import { createFakeCarrierSocket, type FakeCarrierSocket } from './fake-carrier-socket.js';

export const ACCOUNT_SID = `AC${'0'.repeat(32)}`;

export interface LiveCall {
  readonly callId: CallId;
  readonly sid: CarrierCallId;
  readonly streamSid: StreamSid;
  readonly socket: FakeCarrierSocket;
}

/** A gateway with real records (in memory), a virtual clock, and both its neighbours played. */
export interface CallBench {
  readonly time: VirtualTime;
  readonly gateway: Gateway;
  readonly gatewayId: GatewayId;
  readonly store: MemoryStore;
  readonly agent: FakeAgent;
  readonly wakes: Wake[];
  readonly recordings: Map<string, MuLawWav>;
  /** What was asked of the carrier's REST API. */
  readonly hangUps: CarrierCallId[];
  readonly redirects: Redirect[];
  setRedisDown(isDown: boolean): void;
  /** A call that was answered and waits for its stream. */
  answered(): Promise<{ callId: CallId; sid: CarrierCallId }>;
  connect(
    socket: FakeCarrierSocket,
    claim: { callId: CallId; sid: CarrierCallId; token?: string; attempt?: number; streamSid?: StreamSid; accountSid?: string },
  ): StreamSid;
  socket(options?: { echoes?: boolean; answersClose?: boolean }): FakeCarrierSocket;
  /** Answered, bridged, and frames flow. */
  bridged(options?: { echoes?: boolean; answersClose?: boolean }): Promise<LiveCall>;
  /** Bridged, and the greeting was heard. */
  talking(options?: { echoes?: boolean; answersClose?: boolean }): Promise<LiveCall & { session: FakeSession }>;
  record(callId: CallId): Promise<Call>;
  timeline(callId: CallId): Promise<string[]>;
}

export async function createCallBench({
  agent = createFakeAgent(),
  recordings: given,
  protectGreeting = true,
  isGenuineToken = (callId, attempt, token) => token === `${callId}/${attempt}`,
  inCall = {},
  apology = null,
  greeting,
  logger = silentLogger,
  policy: changes = {},
  source = {},
  tools,
  redirect = async () => ({ outcome: 'asked' }),
  verdict,
  traffic,
}: {
  agent?: FakeAgent;
  recordings?: RecordingStore;
  protectGreeting?: boolean;
  isGenuineToken?: GatewayDeps['isGenuineToken'];
  inCall?: Partial<GatewayLimits['inCall']>;
  apology?: Uint8Array | null;
  /** The agent's first words, prepared. */
  greeting?: Uint8Array;
  logger?: Logger;
  policy?: Partial<Call['policy']>;
  /** Besides what every agent needs. */
  source?: Partial<AgentSource>;
  tools?: ToolSurroundings;
  redirect?: (request: Redirect) => Promise<RedirectOutcome>;
  /** The carrier found out who answered before it opened the stream. */
  verdict?: AnsweredBy;
  traffic?: Traffic;
} = {}): Promise<CallBench> {
  const time = createVirtualTime();
  const chance = createSeededChance(7, time);
  let isDown = false;
  const store = createMemoryStore({ database: createMemoryDatabase(time), chance, faults: { isDown: () => isDown } });
  const recordings = new Map<string, MuLawWav>();
  const wakes: Wake[] = [];
  const hangUps: CarrierCallId[] = [];
  const redirects: Redirect[] = [];
  const gatewayId = newGatewayId(chance.uuidv7());
  const hex = (): string => Buffer.from(chance.bytes(16)).toString('hex');
  const agents = new Map<string, Agent>([
    ['demo', agentSchema.parse({ id: 'demo', name: 'Demo', instructions: 'Talk.', greeting: 'Hello {{name}}.', ...source })],
  ]);

  const gateway = await startGateway({
    gatewayId,
    mediaUrl: 'wss://media.example.com/carrier/twilio/media',
    seats: 10,
    accountSid: ACCOUNT_SID,
    isGenuineToken,
    calls: store.calls,
    transcripts: store.transcripts,
    directory: store.directory,
    orders: store.orders,
    waker: async (wanted) => {
      if (isDown) throw new Error('the queue is away');
      wakes.push(...wanted);
    },
    carrier: {
      hangUp: async (sid) => (hangUps.push(sid), { outcome: 'asked', status: 'completed' }),
      fetchCall: async (sid) => ({
        outcome: 'found',
        call: {
          sid,
          to: '',
          from: '',
          status: 'completed',
          direction: 'outbound-api',
          parentSid: null,
          createdAt: null,
          durationSec: null,
          answeredBy: null,
        },
      }),
      redirect: async (_, request) => (redirects.push(request), redirect(request)),
    },
    voiceAgent: agent,
    agents,
    ...(tools && { tools }),
    ...(traffic && { traffic }),
    recordings: given ?? memoryRecordings(recordings),
    clock: time,
    timers: time,
    logger,
    ...(greeting && { greetings: new Map([['demo', greeting]]) }),
    limits: { ...GATEWAY_LIMITS, inCall: { ...GATEWAY_LIMITS.inCall, ...inCall } },
    apology,
    protectGreeting,
  });

  const bench: CallBench = {
    time,
    gateway,
    gatewayId,
    store,
    agent,
    wakes,
    recordings,
    hangUps,
    redirects,
    setRedisDown: (down) => void (isDown = down),
    async answered() {
      const callId = newCallId('a', chance.uuidv7());
      const sid = `CA${hex()}` as CarrierCallId;
      const [to, from] = ['+14155550123' as E164, '+14155550199' as E164];
      const redial = { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 600 } as const;
      const policy = {
        ringTimeoutSec: 30,
        maxDurationSec: 60,
        transferLimitSec: 600,
        latestAt: null,
        redial,
        voicemail: 'continue',
        ...changes,
      } as const;
      await store.calls.create(
        { callId, account: 'main', to, from, agentId: 'demo', variables: { name: 'Ada' }, metadata: {}, policy, notBefore: null },
        null,
      );
      await store.calls.apply(callId, { type: 'dial-started', source: 'dialer', n: 1, from });
      await store.calls.apply(callId, { type: 'accepted', source: 'dialer', n: 1, sid });
      for (const status of ['ringing', 'in-progress'] satisfies CarrierStatus[]) {
        await store.calls.apply(callId, { type: 'carrier', source: 'callback', n: 1, sid, status, via: 'callback' });
      }
      if (verdict) await store.calls.apply(callId, { type: 'answered-by', source: 'callback', n: 1, sid, who: verdict });
      return { callId, sid };
    },
    socket: (options = {}) => createFakeCarrierSocket({ time, ...options }),
    connect(
      socket,
      {
        callId,
        sid,
        attempt = 1,
        token = `${callId}/${attempt}`,
        streamSid = `MZ${hex()}` as StreamSid,
        accountSid = ACCOUNT_SID,
      },
    ) {
      void gateway.admit(socket);
      socket.start({ callId, attempt: String(attempt), token }, { accountSid, callSid: sid, streamSid });
      return streamSid;
    },
    async bridged(options) {
      const claim = await bench.answered();
      const socket = bench.socket(options);
      const streamSid = bench.connect(socket, claim);
      socket.startFrames();
      await time.advance(0);
      return { ...claim, streamSid, socket };
    },
    async talking(options) {
      const call = await bench.bridged(options);
      const session = agent.last();
      session.speak(1_000, { turnId: 't-greeting', itemId: 'greeting' });
      await time.advance(2_100);
      return { ...call, session };
    },
    async record(callId) {
      return (await store.calls.load(callId))!.call;
    },
    async timeline(callId) {
      return (await store.calls.timeline(callId)).filter(({ source }) => source === 'gateway').map(({ event }) => event);
    },
  };
  return bench;
}

function memoryRecordings(finished: Map<string, MuLawWav>): RecordingStore {
  return {
    open(callId, attempt) {
      const pieces: Uint8Array[] = [];
      return {
        write: (frames) => pieces.push(frames) > 0,
        async finish() {
          const data = Buffer.concat(pieces);
          const frames = data.length / 2;
          finished.set(`${callId}-${attempt}`, readMuLawWav(Buffer.concat([muLawWavHeader({ channels: 2, frames }), data]))!);
          return { frames };
        },
      };
    },
  };
}
