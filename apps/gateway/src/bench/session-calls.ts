import type { Agent, CallId, E164 } from '@onhook/contracts';
import { agentSchema, newGatewayId, STREAM_PARAMETERS } from '@onhook/contracts';
import { silentLogger, systemChance, type Clock, type Timers } from '@onhook/service';
import type { Calls, GatewayDirectory, OrderReceiver, OrderSender, Transcripts } from '@onhook/store';
import type { VoiceAgent } from '@onhook/voice-agent';
import type { Server } from 'node:http';
import { startGateway } from '../gateway.js';
import { GATEWAY_LIMITS } from '../limits.js';
import type { RecordingStore } from '@onhook/recordings';
import { createGatewayServer } from '../server.js';
import { ACCOUNT_SID } from './carrier-frames.js';

/** A whole gateway of the bench's: its server, and calls that were answered and wait for their stream. */
export interface BenchGateway {
  readonly server: Server;
  /** Dials call number `index`. @returns the parameters of its stream */
  dial(index: number): Promise<Readonly<Record<string, string>>>;
}

export const MEDIA_PATH = '/media';

const FOR_EVER_MS = 1_000_000_000;
const PATIENT = { silencePromptAfterMs: FOR_EVER_MS, silenceEndsAfterMs: FOR_EVER_MS, agentSilentAfterMs: FOR_EVER_MS };

export interface BenchGatewayDeps {
  readonly store: {
    readonly calls: Calls;
    readonly transcripts: Transcripts;
    readonly directory: GatewayDirectory;
    readonly orders: OrderSender & OrderReceiver;
  };
  readonly voiceAgent: VoiceAgent;
  readonly recordings: RecordingStore | null;
  readonly clock: Clock;
  readonly timers: Timers;
}

export async function startBenchGateway({
  store,
  voiceAgent,
  recordings,
  clock,
  timers,
}: BenchGatewayDeps): Promise<BenchGateway> {
  const agents = new Map<string, Agent>([
    ['bench', agentSchema.parse({ id: 'bench', name: 'Bench', instructions: 'Talk.', greeting: 'Hello.' })],
  ]);
  const gateway = await startGateway({
    ...store,
    gatewayId: newGatewayId(systemChance.uuidv7()),
    mediaUrl: `wss://bench${MEDIA_PATH}`,
    seats: 10_000,
    accountSid: ACCOUNT_SID,
    isGenuineToken: () => true,
    waker: async () => {},
    carrier: {
      hangUp: async () => ({ outcome: 'asked', status: 'completed' }),
      fetchCall: async () => {
        throw new Error('the bench has no carrier to ask');
      },
      redirect: async () => ({ outcome: 'refused', reason: 'the bench has no carrier to ask' }),
    },
    voiceAgent,
    agents,
    recordings,
    clock,
    timers,
    logger: silentLogger,
    // The bench's provider says nothing by itself.
    limits: { ...GATEWAY_LIMITS, inCall: { ...GATEWAY_LIMITS.inCall, ...PATIENT } },
    // What is measured is the conversation, in which the callee is heard.
    protectGreeting: false,
  });
  const server = createGatewayServer({
    paths: [MEDIA_PATH],
    inbound: { isGenuineUpgrade: () => true },
    admit: gateway.admit,
    live: () => 0,
    stage: gateway.stage,
    maxStreams: 10_000,
    timers,
    logger: silentLogger,
    limits: { maxPending: 10_000 },
  });
  return { server, dial: (index) => dial(store.calls, callIdOf(index)) };
}

/** Known on both ends without a word between them. */
function callIdOf(index: number): CallId {
  return `call_a_${String(index).padStart(26, '0')}` as CallId;
}

async function dial(calls: Calls, callId: CallId): Promise<Readonly<Record<string, string>>> {
  const [to, from] = ['+14155550123' as E164, '+14155550199' as E164];
  const redial = { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 600 } as const;
  const policy = {
    ringTimeoutSec: 30,
    maxDurationSec: 14_000,
    transferLimitSec: 600,
    latestAt: null,
    redial,
    voicemail: 'continue',
  } as const;
  await calls.create(
    { callId, account: 'main', to, from, agentId: 'bench', variables: {}, metadata: {}, policy, notBefore: null },
    null,
  );
  await calls.apply(callId, { type: 'dial-started', source: 'dialer', n: 1, from });
  return { [STREAM_PARAMETERS.callId]: callId, [STREAM_PARAMETERS.attempt]: '1', [STREAM_PARAMETERS.token]: 'bench' };
}
