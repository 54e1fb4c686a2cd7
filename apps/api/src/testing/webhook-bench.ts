import { webhookJob, type CallId, type EndpointId } from '@onhook/contracts';
import { createSendGuarded, PRIVATE_NETWORKS, type LookUp } from '@onhook/outbound';
import { createMemoryQueues } from '@onhook/queue/memory';
import { silentLogger, systemClock, systemTimers } from '@onhook/service';
import { createSeededChance, createVirtualTime, type VirtualTime } from '@onhook/service/virtual-time';
import type { Delivery, WebhookEndpoint } from '@onhook/store';
import {
  createMemoryDatabase,
  createMemoryNews,
  createMemoryStore,
  type MemoryNews,
  type MemoryStore,
} from '@onhook/store/memory';
import { createDeliver, type DeliverDeps } from '../webhooks/deliver.js';
import { newEndpoint } from '../webhooks/endpoint.js';
import { createRelay, type Relay } from '../webhooks/relay.js';

/** After this the relay looks for lines whose job was lost. */
const LOST_JOB_MS = 6_000;

/** Outbox, relay, queue and deliveries on a clock that stands still, and requests that really leave. */
export interface WebhookBench {
  readonly time: VirtualTime;
  readonly store: MemoryStore;
  readonly news: MemoryNews;
  readonly relay: Relay;
  readonly stopping: AbortController;
  addEndpoint(url: string, change?: Partial<WebhookEndpoint>): Promise<WebhookEndpoint>;
  deliveries(callId: CallId, endpointId: EndpointId): Promise<Delivery[]>;
  /** From now on all jobs are lost, or none. */
  loseJobs(doesLose: boolean): void;
  /** Relays, and lets deliveries happen until nothing is due for the next `aheadMs`. */
  settle(aheadMs?: number): Promise<void>;
}

export interface WebhookBenchOptions {
  readonly lookUp?: LookUp;
  readonly deps?: Partial<DeliverDeps>;
}

export function createWebhookBench({ lookUp, deps = {} }: WebhookBenchOptions = {}): WebhookBench {
  // Signatures are judged by the real time.
  const time = createVirtualTime(systemClock.now());
  const chance = createSeededChance(7, time);
  const database = createMemoryDatabase(time);
  const store = createMemoryStore({ database, chance });
  const news = createMemoryNews({ database });
  const queues = createMemoryQueues({ timers: time, clock: time, chance });
  const stopping = new AbortController();
  let running = 0;
  const deliver = createDeliver({
    ...news,
    calls: store.calls,
    producer: queues.producer,
    // Requests take real time: the virtual clock must not break them off.
    send: createSendGuarded({ timers: systemTimers, allowed: PRIVATE_NETWORKS, ...(lookUp && { lookUp }) }),
    clock: time,
    chance,
    mostAtOnce: 8,
    logger: silentLogger,
    stopping: stopping.signal,
    ...deps,
  });
  queues.startWorker({
    job: webhookJob,
    concurrency: 100,
    logger: silentLogger,
    async handle(payload) {
      running++;
      try {
        await deliver(payload);
      } finally {
        running--;
      }
    },
  });
  const relay = createRelay({ ...news, producer: queues.producer, clock: time, timers: time, chance, logger: silentLogger });

  /** Until no request is on its way. */
  async function quiet(): Promise<void> {
    for (let idle = 0; idle < 3; idle = running === 0 ? idle + 1 : 0) await systemTimers.sleep(running === 0 ? 1 : 3);
  }

  return {
    time,
    store,
    news,
    relay,
    stopping,
    loseJobs: (doesLose) => queues.setFaults({ loseJob: doesLose ? 1 : 0 }),
    async addEndpoint(url, change = {}) {
      const asked = { url, description: '', types: [], enabled: true };
      const endpoint = { ...newEndpoint(asked, chance, time.now()), ...change };
      await news.endpoints.add(endpoint, 50);
      return endpoint;
    },
    deliveries: (callId, endpointId) => news.deliveries.inLine({ callId, endpointId }),
    async settle(aheadMs = 0) {
      await relay.round();
      await time.advance(0);
      await quiet();
      const end = time.now() + aheadMs;
      while (time.now() < end) {
        // Nothing can happen before a line is due, and then its job, or the sweep for lost ones.
        const due = Math.min(end, ...[...database.hooks.due.values()].map((at) => Math.max(at, time.now()) + 1));
        await time.advance(due - time.now());
        await quiet();
        await time.advance(Math.min(LOST_JOB_MS, end - time.now()));
        await relay.sweep();
        await time.advance(0);
        await quiet();
      }
    },
  };
}
