import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { createTwilioInbound } from '@onhook/carrier/twilio';
import { newCallId, type E164 } from '@onhook/contracts';
import { createWaker } from '@onhook/queue';
import { createBullmqProducer, createBullmqQueues } from '@onhook/queue/bullmq';
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
import { chooseShard } from '@onhook/store';
import { checkRedis, connectRedis, createRedisAdmissionControl, createRedisStore } from '@onhook/store/redis';
import { loadAgents } from '@onhook/voice-agent';
import { readApiConfig } from './config.js';
import { createQueuesPage } from './routes/queues.js';
import { closeHttpServer, createApi, createHttpServer } from './server.js';

const config = configOrExit('api', () => readApiConfig(process.env));
const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
const failpoints = configOrExit('api', () => armFailpoints(process.env, { logger }));

await runService({ name: 'api', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  const [clock, timers, chance] = [systemClock, systemTimers, systemChance];
  const prefix = config.ONHOOK_PREFIX;
  const agents = await naming('AGENTS_DIR', () => loadAgents(config.AGENTS_DIR));

  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  scope.onStop('redis', () => redis.disconnect());
  const facts = await naming('REDIS_URL', () => checkRedis(redis, { waitReplicas: config.WAIT_REPLICAS }));
  for (const warning of facts.warnings) logger.warn({ warning }, 'redis puts calls at risk');
  const store = createRedisStore({
    redis,
    prefix,
    chance,
    timers,
    logger,
    // Nobody relays the outbox before there are webhooks, and it is never trimmed.
    options: { waitReplicas: config.WAIT_REPLICAS, keepsOutbox: false },
  });

  const { transcripts, orders, beats, directory } = store;
  const calls = failpoints('calls', store.calls);

  const producer = failpoints('queue', createBullmqProducer({ redis, prefix, logger }));
  scope.onStop('producer', () => producer.close());
  const queues = createBullmqQueues({ redis, prefix, logger });
  scope.onStop('queues', () => queues.close());

  const api = createApi({
    calls,
    transcripts,
    orders,
    control: createRedisAdmissionControl({ redis, prefix }),
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
    queuesPage: createQueuesPage({ queues: [queues.dial, queues.hangup], environment: config.CARRIER }),
    settings: {
      account: config.ACCOUNT,
      apiKeys: config.API_KEYS,
      fromNumbers: config.FROM_NUMBERS as E164[],
      recordingsDir: resolve(config.RECORDINGS_DIR),
      carrier: config.CARRIER,
      storeWithinMs: 1_800,
    },
  });
  scope.onStop('effects', () => api.idle());

  const server = createHttpServer(api.app);
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  scope.onStop('http server', () => closeHttpServer(server, timers));
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  scope.ready({ url: `http://${host}:${(server.address() as AddressInfo).port}`, agents: agents.size });
});
