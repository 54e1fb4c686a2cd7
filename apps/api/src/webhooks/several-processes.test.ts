import { newCallId, webhookJob, type CallId, type E164 } from '@onhook/contracts';
import { createSendGuarded, PRIVATE_NETWORKS } from '@onhook/outbound';
import { createBullmqProducer, startBullmqWorker } from '@onhook/queue/bullmq';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { chooseShard } from '@onhook/store';
import { connectRedis, createRedisNews, createRedisStore } from '@onhook/store/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../test/redis.js';
import { startReceiver, type Receiver } from '../testing/receiver.js';
import { createDeliver } from './deliver.js';
import { newEndpoint } from './endpoint.js';
import { createRelay } from './relay.js';

const closers: (() => unknown)[] = [];
let redis: TestRedis;
let receiver: Receiver;

beforeAll(async () => {
  redis = await startRedis({ cluster: true, appendfsync: 'no' });
  closers.push(() => redis.stop());
  receiver = await startReceiver();
  closers.push(() => receiver.close());
});
afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

/** What one process of the api does for webhooks. */
async function startProcess() {
  const client = await connectRedis(`${redis.url}?cluster=1`, 'producer', { logger: silentLogger });
  const common = { redis: client, prefix: 'several', logger: silentLogger };
  const store = createRedisStore({ ...common, chance: systemChance, timers: systemTimers });
  const news = createRedisNews(common);
  const producer = createBullmqProducer(common);
  const stopping = new AbortController();
  const deps = { ...news, calls: store.calls, producer, clock: systemClock, timers: systemTimers, chance: systemChance };
  const relaying = createRelay({ ...deps, logger: silentLogger }).run(stopping.signal);
  const send = createSendGuarded({ timers: systemTimers, allowed: PRIVATE_NETWORKS });
  const handle = createDeliver({ ...deps, send, mostAtOnce: 8, logger: silentLogger, stopping: stopping.signal });
  const worker = startBullmqWorker({ ...common, job: webhookJob, handle, concurrency: 16 });
  closers.push(async () => {
    stopping.abort();
    await relaying;
    await worker.close();
    await producer.close();
    client.disconnect();
  });
  return { store, news };
}

it('several processes on a Redis cluster share the work: each event arrives once, and in the order of its call', async () => {
  const [{ store, news }] = await Promise.all([startProcess(), startProcess(), startProcess()]);
  const asked = { url: receiver.url, description: '', types: [], enabled: true };
  await news.endpoints.add(newEndpoint(asked, systemChance, systemClock.now()), 50);

  const place = async (): Promise<CallId> => {
    const callId = newCallId(chooseShard('default', null, systemChance), systemChance.uuidv7());
    await store.calls.create(
      {
        callId,
        account: 'default',
        to: '+14155550123' as E164,
        from: null,
        agentId: 'demo',
        variables: {},
        metadata: {},
        policy: {
          ringTimeoutSec: 30,
          maxDurationSec: 600,
          transferLimitSec: 0,
          latestAt: null,
          redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 600 },
          voicemail: 'continue',
        },
        notBefore: null,
      },
      null,
    );
    await store.calls.apply(callId, { type: 'end-asked', source: 'api', cause: 'canceled', by: 'operator' });
    await store.calls.apply(callId, { type: 'settled', source: 'hangup', n: 0 });
    return callId;
  };
  const callIds = await Promise.all(Array.from({ length: 20 }, place));

  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(40);
  for (const callId of callIds) {
    const told = receiver.received.filter(({ message }) => message.data['id'] === callId);
    expect(told.map(({ message }) => message.type)).toEqual(['call.created', 'call.ended']);
  }
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(40);
  await expect.poll(() => news.outbox.length(), { timeout: 5_000 }).toBe(0);
});
