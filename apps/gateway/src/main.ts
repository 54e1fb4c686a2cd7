import { isStreamToken } from '@onhook/carrier';
import { createTwilioCarrier, createTwilioInbound } from '@onhook/carrier/twilio';
import { CARRIER_PATHS, newGatewayId } from '@onhook/contracts';
import { createWaker } from '@onhook/queue';
import { createBullmqProducer } from '@onhook/queue/bullmq';
import { configOrExit, createLogger, naming, runService, systemChance, systemClock, systemTimers } from '@onhook/service';
import { checkRedis, connectRedis, createRedisStore } from '@onhook/store/redis';
import { loadAgents } from '@onhook/voice-agent';
import { createOpenAiRealtimeAgent } from '@onhook/voice-agent/openai';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readGatewayConfig } from './config.js';
import { createDirectoryRecordings } from './directory-recordings.js';
import { startGateway } from './gateway.js';
import { GATEWAY_LIMITS } from './limits.js';
import { createGatewayServer } from './server.js';

const config = configOrExit('gateway', () => readGatewayConfig(process.env));
const logger = createLogger({ name: 'gateway', level: config.LOG_LEVEL });
const [clock, timers, chance] = [systemClock, systemTimers, systemChance];
/** What ending the calls that are left may take: the commit, the fuse, the closing of their sockets. */
const END_WITHIN_MS = 6_000;

await runService({ name: 'gateway', logger, stopWithinMs: config.STOP_WITHIN_MS }, async ({ onStop, ready }) => {
  const agents = await naming('AGENTS_DIR', async () => loadAgents(config.AGENTS_DIR));
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.quit());
  await naming('REDIS_URL', () => checkRedis(redis));
  const store = createRedisStore({
    redis,
    prefix: config.ONHOOK_PREFIX,
    chance,
    timers,
    logger,
    options: { leaseMs: config.OWNER_LEASE_MS, keepsOutbox: false },
  });
  const producer = createBullmqProducer({ redis, prefix: config.ONHOOK_PREFIX, logger });
  onStop('queues', () => producer.close());

  const account = { accountSid: config.TWILIO_ACCOUNT_SID, authToken: config.TWILIO_AUTH_TOKEN };
  const gateway = await startGateway({
    gatewayId: newGatewayId(chance.uuidv7()),
    mediaUrl: config.MEDIA_PUBLIC_URL,
    seats: config.SEATS,
    accountSid: config.TWILIO_ACCOUNT_SID,
    isGenuineToken: (callId, attempt, token) => isStreamToken(config.STREAM_TOKEN_SECRET, callId, attempt, token),
    calls: store.calls,
    directory: store.directory,
    orders: store.orders,
    waker: createWaker({ producer, clock }),
    carrier: createTwilioCarrier({
      ...account,
      ...(config.TWILIO_API_BASE_URL && { baseUrl: config.TWILIO_API_BASE_URL }),
      logger,
      clock,
    }),
    voiceAgent: createOpenAiRealtimeAgent({
      url: config.OPENAI_REALTIME_URL,
      apiKey: config.OPENAI_API_KEY,
      logger,
      clock,
      timers,
      connectTimeoutMs: config.AGENT_READY_WITHIN_MS,
    }),
    agents,
    recordings: createDirectoryRecordings({ dir: config.RECORDINGS_DIR, logger, timers }),
    clock,
    timers,
    logger,
    protectGreeting: config.PROTECT_GREETING,
    limits: {
      ...GATEWAY_LIMITS,
      startWithinMs: config.STREAM_START_WITHIN_MS,
      agentReadyWithinMs: config.AGENT_READY_WITHIN_MS,
      silenceEndsAfterMs: config.SILENCE_ENDS_AFTER_MS,
      mediaLostAfterMs: config.MEDIA_LOST_AFTER_MS,
      fuseMs: config.END_FUSE_MS,
      leaseMs: config.OWNER_LEASE_MS,
      endOfCall: {
        ...GATEWAY_LIMITS.endOfCall,
        slackMs: config.GOODBYE_SLACK_MS,
        noAudioMs: config.GOODBYE_NO_AUDIO_MS,
        quietMs: config.GOODBYE_QUIET_MS,
      },
    },
  });

  const server = createGatewayServer({
    paths: [CARRIER_PATHS.media, new URL(config.MEDIA_PUBLIC_URL).pathname],
    inbound: createTwilioInbound({ ...account, mediaPublicUrl: config.MEDIA_PUBLIC_URL }),
    admit: gateway.admit,
    live: gateway.live,
    draining: gateway.draining,
    // The directory is two seconds old when the dialer reads it: a few too many are better than an answered call without a voice.
    maxStreams: Math.ceil(config.SEATS * 1.25),
    timers,
    logger,
  });
  onStop('server', () => server.close());
  onStop('live calls', () => gateway.stop({ finishWithinMs: Math.max(0, config.STOP_WITHIN_MS - END_WITHIN_MS) }));
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  ready({ url: `http://${config.HOST}:${port}`, mediaUrl: config.MEDIA_PUBLIC_URL, agents: agents.size });
});
