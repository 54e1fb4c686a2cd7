import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createDirectoryArchive } from '@onhook/archive/directory';
import { createTwilioInbound } from '@onhook/carrier/twilio';
import { newCallId, webhookJob, type E164 } from '@onhook/contracts';
import { accountLimits } from '@onhook/dial-rules';
import { createSendGuarded, isForbiddenUrl, PRIVATE_NETWORKS } from '@onhook/outbound';
import { createWaker, serveJobs } from '@onhook/queue';
import { createBullmqProducer, createBullmqQueues, startBullmqWorker } from '@onhook/queue/bullmq';
import { createDirectoryRecordings } from '@onhook/recordings/directory';
import {
  armFailpoints,
  configOrExit,
  createLogger,
  naming,
  runService,
  systemChance,
  systemClock,
  systemTimers,
} from '@onhook/service';
import { chooseShard, createVault } from '@onhook/store';
import {
  checkRedis,
  connectRedis,
  createRedisAdmissionControl,
  createRedisApiKeys,
  createRedisCampaigns,
  createRedisContacts,
  createRedisDoNotCall,
  createRedisKeptAnswers,
  createRedisNews,
  createRedisQuotas,
  createRedisStats,
  createRedisStore,
} from '@onhook/store/redis';
import { loadAgents } from '@onhook/voice-agent';
import { readApiConfig } from './config.js';
import { createQueuesPage } from './routes/queues.js';
import { closeHttpServer, createApi, createHttpServer } from './server.js';
import { createDeliver } from './webhooks/deliver.js';
import { createRelay } from './webhooks/relay.js';

/** Of public addresses: what else answers there is not meant for webhooks. */
const WEBHOOK_PORTS = [443, 8443];

const config = configOrExit('api', () => readApiConfig(process.env));
const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
const failpoints = configOrExit('api', () => armFailpoints(process.env, { logger }));

await runService({ name: 'api', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  const [clock, timers, chance] = [systemClock, systemTimers, systemChance];
  const prefix = config.ONHOOK_PREFIX;
  const agents = await naming('AGENTS_DIR', () => loadAgents(config.AGENTS_DIR));

  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  scope.onStop('redis', () => redis.disconnect());
  // What waits for replicas waits alone: nothing else of this process stands behind it.
  const critical = config.WAIT_REPLICAS > 0 ? await connectRedis(config.REDIS_URL, 'producer', { logger }) : redis;
  scope.onStop('redis for critical commits', () => critical.disconnect());
  const facts = await naming('REDIS_URL', () =>
    checkRedis(redis, { waitReplicas: config.WAIT_REPLICAS, accepts: config.DURABILITY }),
  );
  for (const warning of facts.warnings) logger.warn({ warning }, 'redis puts calls at risk');
  const vault = createVault({ dataKeys: config.DATA_KEY ?? [], chance });
  const store = createRedisStore({
    redis,
    critical,
    vault,
    prefix,
    chance,
    timers,
    logger,
    options: { waitReplicas: config.WAIT_REPLICAS },
  });

  const { transcripts, beats, directory } = store;
  const orders = failpoints('orders', store.orders);
  const calls = failpoints('calls', store.calls);

  const producer = failpoints('queue', createBullmqProducer({ redis, prefix, logger }));
  scope.onStop('producer', () => producer.close());
  const queues = createBullmqQueues({ redis, prefix, logger });
  scope.onStop('queues', () => queues.close());

  const doNotCall = createRedisDoNotCall({ redis, prefix, vault });
  const adopted = await doNotCall.adopt(config.ACCOUNT);
  if (adopted > 0) logger.warn({ adopted }, 'do-not-call list was brought under the current DATA_KEY');

  const news = createRedisNews({ redis, prefix, vault });
  const outbox = failpoints('outbox', news.outbox);
  const deliveries = failpoints('deliveries', news.deliveries);
  const { endpoints, feed } = news;
  const allowsPrivate = config.WEBHOOK_ALLOW_PRIVATE ?? config.CARRIER === 'simulator';
  const reach = {
    allowed: [...config.WEBHOOK_ALLOWED_NETWORKS, ...(allowsPrivate ? PRIVATE_NETWORKS : [])],
    publicPorts: WEBHOOK_PORTS,
  };
  const send = createSendGuarded({ timers, ...reach });

  const api = createApi({
    calls,
    transcripts,
    recordings: createDirectoryRecordings({ dir: resolve(config.RECORDINGS_DIR), logger, timers }),
    archive: config.ARCHIVE_DIR === 'off' ? null : createDirectoryArchive({ dir: resolve(config.ARCHIVE_DIR) }),
    nameOfNumber: (number) => (vault.seals ? vault.nameOf(number) : null),
    orders,
    answers: createRedisKeptAnswers({ redis, prefix, vault }),
    quotas: createRedisQuotas({ redis, prefix }),
    control: createRedisAdmissionControl({ redis, prefix, vault }),
    campaigns: createRedisCampaigns({ redis, prefix }),
    contacts: createRedisContacts({ redis, prefix, vault }),
    doNotCall,
    apiKeys: createRedisApiKeys({ redis, prefix }),
    stats: createRedisStats({ redis, prefix, vault }),
    news: { feed, endpoints, deliveries, producer, send, isForbiddenUrl: (url) => isForbiddenUrl(new URL(url), reach) },
    beats,
    directory,
    agents,
    clock,
    timers,
    chance,
    logger,
    waker: createWaker({ producer, clock }),
    inbound: createTwilioInbound({
      accountSid: config.TWILIO_ACCOUNT_SID,
      authToken: config.TWILIO_AUTH_TOKEN,
      publicUrl: config.PUBLIC_URL,
    }),
    newCallId: (key) => newCallId(chooseShard(config.ACCOUNT, key, chance), chance.uuidv7()),
    queuesPage: createQueuesPage({ queues: [queues.dial, queues.hangup, queues.webhooks], environment: config.CARRIER }),
    settings: {
      account: config.ACCOUNT,
      apiKeys: config.API_KEYS,
      fromNumbers: config.FROM_NUMBERS as E164[],
      limits: accountLimits(config, config.FROM_NUMBERS as E164[]),
      carrier: config.CARRIER,
      requestsPerMinute: config.REQUESTS_PER_MINUTE === 0 ? null : config.REQUESTS_PER_MINUTE,
      storeWithinMs: 1_800,
    },
  });
  scope.onStop('effects', () => api.idle());

  const relay = createRelay({ outbox, endpoints, deliveries, producer, clock, timers, chance, logger });
  const relaying = relay.run(scope.stopping);
  scope.onStop('outbox relay', () => relaying);
  const webhooks = failpoints('webhooks', {
    deliver: createDeliver({
      deliveries,
      endpoints,
      calls,
      send,
      producer,
      clock,
      chance,
      mostAtOnce: Math.ceil(config.WEBHOOK_CONCURRENCY / 2),
      logger,
      stopping: scope.stopping,
    }),
  });
  const worker = startBullmqWorker({
    redis,
    prefix,
    job: webhookJob,
    handle: webhooks.deliver,
    concurrency: config.WEBHOOK_CONCURRENCY,
    logger,
  });
  const workerId = chance.uuid();
  const heartbeat = {
    beat: (lastsMs: number) => beats.beat('webhooks', workerId, lastsMs),
    leave: () => beats.leave('webhooks', workerId),
  };
  serveJobs({ worker, heartbeat, scope, clock, timers, logger });

  const server = createHttpServer(api.app);
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  scope.onStop('http server', () => closeHttpServer(server, timers));
  scope.onStop('event streams', () => api.endStreams());
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  scope.ready({ url: `http://${host}:${(server.address() as AddressInfo).port}`, agents: agents.size });
});
