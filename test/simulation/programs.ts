import { createApi } from '@onhook/api';
import { isStreamToken, type Carrier } from '@onhook/carrier';
import { dialJob, hangupJob, newCallId, newGatewayId, type GatewayId, type HangupPayload, type JobType } from '@onhook/contracts';
import {
  accountLimits,
  classifyNumber,
  createAdmit,
  createCampaignTerms,
  createDial,
  createLookBeforeDial,
  createReadiness,
  createTellRecord,
} from '@onhook/dialer';
import { startGateway, type Gateway } from '@onhook/gateway';
import {
  createEndStray,
  createLookForLeg,
  createPerform,
  createReconcileLegs,
  createReconcilePlaces,
  createTend,
  runReconciler,
  runWatchdog,
} from '@onhook/hangup';
import { createWaker, serveJobs, type JobHandler, type Producer, type Worker } from '@onhook/queue';
import { createMemoryRecordings } from '@onhook/recordings/memory';
import type { VoiceAgent } from '@onhook/voice-agent';
import { chooseShard } from '@onhook/store';
import {
  createMemoryAdmission,
  createMemoryAdmissionControl,
  createMemoryApiKeys,
  createMemoryCampaigns,
  createMemoryContacts,
  createMemoryDoNotCall,
  createMemoryKeptAnswers,
  createMemoryNews,
  createMemoryQuotas,
  createMemoryStats,
  createMemoryStore,
  type MemoryDatabase,
  type MemoryStore,
} from '@onhook/store/memory';
import { AGENTS } from './agents.js';
import { createSimInbound } from './carrier/signature.js';
import type { MediaHost } from './carrier/media-stream.js';
import type { Draw } from './draw.js';
import type { HttpHost } from './http.js';
import type { Ports } from './ports.js';
import { ACCOUNT, ACCOUNT_SID, API_KEY, FROM_NUMBERS, LIMITS, PUBLIC_URL, STREAM_TOKEN_SECRET } from './settings.js';
import type { SimProcess } from './sim-process.js';

/** What a process is introduced to, in place of the vendors that its `main.ts` names. */
export interface Surroundings {
  readonly database: MemoryDatabase;
  readonly draw: Draw;
  readonly ports: Ports;
  readonly producerFor: (process: SimProcess) => Producer;
  readonly startWorker: <P>(process: SimProcess, job: JobType<P>, handle: JobHandler<P>, concurrency: number) => Worker;
  readonly carrierFor: (process: SimProcess) => Carrier;
  readonly agentFor: (process: SimProcess) => VoiceAgent;
}

/** Every port that the store has, each as this process reaches it. */
function storeOf(process: SimProcess, { database, draw, ports }: Surroundings): MemoryStore {
  const store = createMemoryStore({ database, chance: draw, logger: process.logger, faults: ports.storeFaults(process) });
  const wrapped = Object.entries(store).map(([name, port]) => [name, ports.wrap(process, name, port as object, { redis: true })]);
  return Object.fromEntries(wrapped) as unknown as MemoryStore;
}

function wakerOf(process: SimProcess, { ports, producerFor }: Surroundings) {
  return createWaker({ producer: ports.wrap(process, 'queue', producerFor(process)), clock: process.clock });
}

/** As `apps/api/src/main.ts`. */
export function startApi(process: SimProcess, around: Surroundings): HttpHost {
  const { clock, timers, logger } = process;
  const { database, draw, ports, producerFor } = around;
  const faults = ports.storeFaults(process);
  const store = storeOf(process, around);
  const reach = <P extends object>(name: string, port: P): P => ports.wrap(process, name, port, { redis: true });
  const api = createApi({
    ...store,
    recordings: createMemoryRecordings(),
    archive: null,
    nameOfNumber: () => null,
    control: reach('control', createMemoryAdmissionControl({ database, faults })),
    answers: reach('answers', createMemoryKeptAnswers({ database, faults })),
    quotas: reach('quotas', createMemoryQuotas({ database, faults })),
    campaigns: reach('campaigns', createMemoryCampaigns({ database, faults })),
    contacts: reach('contacts', createMemoryContacts({ database, faults })),
    doNotCall: reach('doNotCall', createMemoryDoNotCall({ database, faults })),
    apiKeys: reach('apiKeys', createMemoryApiKeys({ database, faults })),
    stats: reach('stats', createMemoryStats({ database, faults })),
    // Webhooks are not of this world: what they may lose is proven on real processes.
    news: {
      ...createMemoryNews({ database, faults }),
      producer: producerFor(process),
      send: async () => ({ outcome: 'failed', reason: 'unreachable' }),
      isForbiddenUrl: () => false,
    },
    agents: AGENTS,
    clock,
    timers,
    chance: draw,
    logger,
    waker: wakerOf(process, around),
    inbound: createSimInbound(),
    newCallId: (key) => newCallId(chooseShard(ACCOUNT, key, draw), draw.uuidv7()),
    settings: {
      account: ACCOUNT,
      apiKeys: [API_KEY],
      fromNumbers: FROM_NUMBERS,
      limits: accountLimits(LIMITS, FROM_NUMBERS),
      carrier: 'simulator',
      storeWithinMs: 1_800,
      requestsPerMinute: null,
    },
  });
  process.scope.onStop('effects', () => api.idle());
  return { process, app: api.app };
}

const TELL_WITHIN_MS = 15_000;

/** As `apps/dialer/src/main.ts`. */
export function startDialer(process: SimProcess, around: Surroundings): void {
  const { clock, timers, logger } = process;
  const { database, draw, ports, carrierFor, startWorker } = around;
  const { calls, directory, beats, lives } = storeOf(process, around);
  const fromNumbers = FROM_NUMBERS;
  const admission = ports.wrap(
    process,
    'admission',
    createMemoryAdmission({
      database,
      fromNumbers,
      limits: accountLimits(LIMITS, fromNumbers),
      faults: ports.storeFaults(process),
    }),
    { redis: true },
  );
  const carrier = ports.wrap(process, 'carrier', carrierFor(process));
  const waker = wakerOf(process, around);
  const tellRecord = createTellRecord({ calls, waker, clock, timers, logger, withinMs: TELL_WITHIN_MS });
  const dial = createDial({
    calls,
    admit: createAdmit({
      admission,
      campaignTerms: createCampaignTerms({ campaigns: createMemoryCampaigns({ database }), clock }),
      classify: classifyNumber,
      clock,
      timers,
    }),
    places: admission,
    carrier,
    readiness: createReadiness({ directory, beats, clock }),
    directory,
    lookBeforeDial: createLookBeforeDial({
      lives,
      carrier,
      calls,
      tellRecord,
      waker,
      logger,
      fromNumbers,
      isAccountOursAlone: true,
    }),
    tellRecord,
    clock,
    chance: draw,
    logger,
    publicUrl: PUBLIC_URL,
    streamTokenSecret: STREAM_TOKEN_SECRET,
  });
  serve(process, beats, 'dialer', startWorker(process, dialJob, dial, 50), draw);
}

/** As `apps/hangup/src/main.ts`. */
export function startHangup(process: SimProcess, around: Surroundings): void {
  const { clock, timers, logger, scope } = process;
  const { database, draw, ports, carrierFor, startWorker } = around;
  const { calls, orders, beats } = storeOf(process, around);
  const faults = ports.storeFaults(process);
  const admission = ports.wrap(process, 'places', createMemoryAdmission({ database, fromNumbers: FROM_NUMBERS, faults }), {
    redis: true,
  });
  const carrier = ports.wrap(process, 'carrier', carrierFor(process));
  const perform = createPerform({ waker: wakerOf(process, around), orders, logger });
  const lookForLeg = createLookForLeg({ carrier, calls, logger });
  const tend = createTend({ calls, carrier, orders, admission, lookForLeg, perform, clock, logger });
  const endStray = createEndStray({ carrier, timers, logger });
  const handle = (payload: HangupPayload): Promise<void> =>
    'sid' in payload ? endStray(payload.sid) : tend(payload.callId, 'hangup-worker');
  const worker = startWorker(process, hangupJob, handle, 200);

  const reconciler = runReconciler(
    {
      legs: createReconcileLegs({ carrier, calls, endStray, clock, logger, fromNumbers: FROM_NUMBERS, isAccountOursAlone: true }),
      places: createReconcilePlaces({ account: ACCOUNT, calls, places: admission, logger }),
      clock,
      timers,
      logger,
      everyMs: 15_000,
    },
    scope.stopping,
  );
  scope.onStop('reconciler', () => reconciler);
  const watchdog = runWatchdog(
    { calls, tend, perform, clock, timers, logger, everyMs: 1_000, leaseTtlMs: 6_000 },
    scope.stopping,
  );
  scope.onStop('watchdog', () => watchdog);
  serve(process, beats, 'hangup', worker, draw);
}

function serve(process: SimProcess, beats: MemoryStore['beats'], kind: 'dialer' | 'hangup', worker: Worker, draw: Draw): void {
  const { scope, clock, timers, logger } = process;
  const workerId = draw.uuid();
  const heartbeat = {
    beat: (lastsMs: number) => beats.beat(kind, workerId, lastsMs),
    leave: () => beats.leave(kind, workerId),
  };
  // Whether BullMQ has gone deaf is asked of BullMQ, which stays outside.
  const progress = async () => ({ waiting: 0, begun: 0, done: 0, concurrency: 1 });
  serveJobs({ worker: { close: () => worker.close(), progress }, heartbeat, scope, clock, timers, logger });
}

/** An impatient supervisor: half a minute in all. */
const STOP = { acceptMs: 15_000, goodbyeAfterMs: 16_000, endAfterMs: 24_000 };
const SEATS = 20;

export interface GatewayHost extends MediaHost {
  readonly gatewayId: GatewayId;
  readonly gateway: Gateway;
}

/** As `apps/gateway/src/main.ts`. */
export async function startGatewayProcess(process: SimProcess, mediaUrl: string, around: Surroundings): Promise<GatewayHost> {
  const { clock, timers, logger, scope } = process;
  const { draw, ports, carrierFor, agentFor } = around;
  const { calls, transcripts, directory, orders } = storeOf(process, around);
  const gatewayId = newGatewayId(draw.uuidv7());
  const gateway = await startGateway({
    gatewayId,
    mediaUrl,
    seats: SEATS,
    accountSid: ACCOUNT_SID,
    isGenuineToken: (callId, attempt, token) => isStreamToken(STREAM_TOKEN_SECRET, callId, attempt, token),
    calls,
    transcripts,
    directory,
    // An order comes when Redis and the process can.
    orders: { send: orders.send, receive: receiveThrough(process, around) },
    waker: wakerOf(process, around),
    carrier: ports.wrap(process, 'carrier', carrierFor(process)),
    voiceAgent: agentFor(process),
    agents: AGENTS,
    tools: { publicUrl: PUBLIC_URL, httpTools: new Map(), send: async () => ({ outcome: 'failed', reason: 'unreachable' }) },
    recordings: null,
    clock,
    timers,
    logger,
    apology: new Uint8Array(8_000).fill(0x30),
  });
  scope.onStop('live calls', () => gateway.stop(STOP));
  return {
    process,
    gatewayId,
    gateway,
    admit(socket) {
      if (gateway.stage() === 'closed' || gateway.live() >= SEATS * 1.25) return false;
      gateway.admit(socket).catch((error: unknown) => logger.error({ err: error }, 'media socket could not be admitted'));
      return true;
    },
  };
}

function receiveThrough(process: SimProcess, { database, draw, ports }: Surroundings) {
  const { orders } = createMemoryStore({ database, chance: draw, logger: process.logger });
  const dying = new AbortController();
  process.onDeath(() => dying.abort());
  return (...[gatewayId, onOrder, signal]: Parameters<typeof orders.receive>): Promise<void> => {
    signal.addEventListener('abort', () => dying.abort(), { once: true });
    return orders.receive(
      gatewayId,
      async (order) => {
        do await process.timers.sleep(draw.between(0.5, 4));
        while (ports.isRedisDownFor(process) && (await process.timers.sleep(250), true));
        await onOrder(order);
      },
      dying.signal,
    );
  };
}
