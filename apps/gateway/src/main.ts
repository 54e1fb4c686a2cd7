import { isStreamToken } from '@onhook/carrier';
import { createTwilioCarrier, createTwilioInbound } from '@onhook/carrier/twilio';
import { CARRIER_PATHS, newGatewayId } from '@onhook/contracts';
import { createWaker } from '@onhook/queue';
import { createBullmqProducer } from '@onhook/queue/bullmq';
import { createDirectoryRecordings } from '@onhook/recordings/directory';
import {
  armFailpoints,
  configOrExit,
  createLogger,
  naming,
  runService,
  systemChance,
  systemClock,
  systemLoopUsage,
  systemTimers,
} from '@onhook/service';
import { createMetrics, serveMetrics } from '@onhook/service/prometheus';
import { createVault } from '@onhook/store';
import { checkRedis, connectRedis, createRedisStore } from '@onhook/store/redis';
import { loadAgents } from '@onhook/voice-agent';
import { createOpenAiRealtimeAgent } from '@onhook/voice-agent/openai';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAppendPace } from './append-pace.js';
import { readGatewayConfig, readToolSecrets } from './config.js';
import { tellGatewayMetrics } from './gateway-metrics.js';
import { startGateway } from './gateway.js';
import { readGreetings } from './greetings.js';
import { GATEWAY_LIMITS } from './limits.js';
import { createLoadGauge } from './load-gauge.js';
import { createOverload } from './overload.js';
import { readPreparedAudio } from './prepared-audio.js';
import { createGatewayServer } from './server.js';
import { prepareTools } from './tools/prepare-tools.js';
import { createTraffic } from './traffic.js';

const config = configOrExit('gateway', () => readGatewayConfig(process.env));
const logger = createLogger({ name: 'gateway', level: config.LOG_LEVEL });
const failpoints = configOrExit('gateway', () => armFailpoints(process.env, { logger }));
const [clock, timers, chance] = [systemClock, systemTimers, systemChance];
/** What ending the calls that are left may take: the commit, the fuse, the closing of their sockets. */
const END_WITHIN_MS = 6_000;
/** What saying goodbye may take: the agent's answer, two sentences, the last mark. */
const GOODBYE_WITHIN_MS = 8_000;
const APOLOGY = new URL('../assets/apology-en.wav', import.meta.url);

await runService({ name: 'gateway', logger, stopWithinMs: config.STOP_WITHIN_MS }, async ({ onStop, lastResort, ready }) => {
  const agents = await naming('AGENTS_DIR', () => loadAgents(config.AGENTS_DIR));
  const greetings = await naming('AGENTS_DIR', () => readGreetings(config.AGENTS_DIR, agents));
  const secrets = readToolSecrets(process.env, agents);
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.quit());
  const { warnings } = await naming('REDIS_URL', () => checkRedis(redis, { accepts: config.DURABILITY }));
  for (const warning of warnings) logger.warn({ warning }, 'redis is less safe than it could be');
  const vault = createVault({ dataKeys: config.DATA_KEY ?? [], chance });
  const store = createRedisStore({
    redis,
    vault,
    prefix: config.ONHOOK_PREFIX,
    chance,
    timers,
    logger,
    options: { leaseMs: config.OWNER_LEASE_MS },
  });
  const producer = failpoints('queue', createBullmqProducer({ redis, prefix: config.ONHOOK_PREFIX, logger }));
  onStop('queues', () => producer.close());

  const appends = createAppendPace({ setting: config.AGENT_APPEND_MS, logger });
  const load = createLoadGauge({ loop: systemLoopUsage, clock, timers, onSample: appends.look });
  onStop('load gauge', () => load.stop());
  const overload = createOverload({
    maxUtilisation: config.MAX_LOOP_UTILISATION_PERCENT / 100,
    maxLagMs: config.MAX_LOOP_LAG_MS,
  });

  const traffic = createTraffic();

  const account = { accountSid: config.TWILIO_ACCOUNT_SID, authToken: config.TWILIO_AUTH_TOKEN };
  const gateway = await startGateway({
    gatewayId: newGatewayId(chance.uuidv7()),
    mediaUrl: config.MEDIA_PUBLIC_URL,
    seats: config.SEATS,
    accountSid: config.TWILIO_ACCOUNT_SID,
    isGenuineToken: (callId, attempt, token) => isStreamToken(config.STREAM_TOKEN_SECRET, callId, attempt, token),
    calls: failpoints('calls', store.calls),
    transcripts: store.transcripts,
    directory: store.directory,
    orders: {
      ...store.orders,
      receive: (gatewayId, onOrder, signal) =>
        store.orders.receive(gatewayId, failpoints('order', { carryOut: onOrder }).carryOut, signal),
    },
    waker: createWaker({ producer, clock }),
    carrier: failpoints(
      'carrier',
      createTwilioCarrier({
        ...account,
        ...(config.TWILIO_API_BASE_URL && { baseUrl: config.TWILIO_API_BASE_URL }),
        logger,
        clock,
      }),
    ),
    voiceAgent: createOpenAiRealtimeAgent({
      url: config.OPENAI_REALTIME_URL,
      apiKey: config.OPENAI_API_KEY,
      logger,
      clock,
      timers,
      connectTimeoutMs: config.AGENT_READY_WITHIN_MS,
      appendMs: appends.ms,
      pcmHz: config.OPENAI_AUDIO === 'pcm' ? 24_000 : undefined,
      chance,
    }),
    agents,
    tools: prepareTools({ agents, publicUrl: config.PUBLIC_URL, secrets, allowed: config.HTTP_TOOLS_ALLOWED_NETWORKS, timers }),
    greetings,
    recordings: config.RECORD_CALLS ? createDirectoryRecordings({ dir: config.RECORDINGS_DIR, logger, timers }) : null,
    clock,
    timers,
    logger,
    protectGreeting: config.PROTECT_GREETING,
    apology: await naming('APOLOGY_AUDIO', () => readPreparedAudio(config.APOLOGY_AUDIO ?? APOLOGY)),
    traffic,
    isOverloaded: () => overload.look(load.current()),
    limits: {
      ...GATEWAY_LIMITS,
      startWithinMs: config.STREAM_START_WITHIN_MS,
      fuseMs: config.END_FUSE_MS,
      leaseMs: config.OWNER_LEASE_MS,
      inCall: {
        agentReadyWithinMs: config.AGENT_READY_WITHIN_MS,
        mediaLostAfterMs: config.MEDIA_LOST_AFTER_MS,
        silencePromptAfterMs: config.SILENCE_PROMPT_AFTER_MS,
        silencePrompts: config.SILENCE_PROMPTS,
        silenceEndsAfterMs: config.SILENCE_ENDS_AFTER_MS,
        agentSilentAfterMs: config.AGENT_SILENT_AFTER_MS,
        warnBeforeEndMs: config.WARN_BEFORE_END_MS,
      },
      endOfCall: {
        ...GATEWAY_LIMITS.endOfCall,
        slackMs: config.GOODBYE_SLACK_MS,
        noAudioMs: config.GOODBYE_NO_AUDIO_MS,
        quietMs: config.GOODBYE_QUIET_MS,
      },
    },
  });

  const { live, stage } = gateway;
  const metrics = createMetrics('gateway');
  tellGatewayMetrics({ metrics, traffic, live, seats: config.SEATS, stage, load: load.current, appends });
  const told =
    config.METRICS_PORT === undefined ? null : await serveMetrics({ metrics, host: config.HOST, port: config.METRICS_PORT });
  if (told) onStop('metrics', told.close);

  const server = createGatewayServer({
    paths: [CARRIER_PATHS.media, new URL(config.MEDIA_PUBLIC_URL).pathname],
    inbound: createTwilioInbound({ ...account, mediaPublicUrl: config.MEDIA_PUBLIC_URL }),
    admit: gateway.admit,
    live,
    stage,
    appends,
    // The directory is two seconds old when the dialer reads it: a few too many are better than an answered call without a voice.
    maxStreams: Math.ceil(config.SEATS * 1.25),
    timers,
    logger,
  });
  onStop('server', () => server.close());
  const endAfterMs = Math.max(0, config.STOP_WITHIN_MS - END_WITHIN_MS);
  const goodbyeAfterMs = Math.max(0, endAfterMs - GOODBYE_WITHIN_MS);
  lastResort('live calls', () => gateway.abandon());
  onStop('live calls', () => gateway.stop({ acceptMs: config.DRAIN_ACCEPT_MS ?? null, goodbyeAfterMs, endAfterMs }));
  server.listen(config.PORT, config.HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  ready({
    url: `http://${config.HOST}:${port}`,
    mediaUrl: config.MEDIA_PUBLIC_URL,
    agents: agents.size,
    ...(told && { metricsUrl: told.url }),
  });
});
