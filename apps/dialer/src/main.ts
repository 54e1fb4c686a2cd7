import { createTwilioCarrier } from '@onhook/carrier/twilio';
import { dialJob, type E164 } from '@onhook/contracts';
import { createWaker } from '@onhook/queue';
import { createBullmqProducer, startBullmqWorker } from '@onhook/queue/bullmq';
import { configOrExit, createLogger, naming, runService, systemChance, systemClock, systemTimers } from '@onhook/service';
import { checkRedis, connectRedis, createConcurrencyAdmission, createRedisStore } from '@onhook/store/redis';
import { readDialerConfig } from './config.js';
import { createDial } from './dial.js';
import { createReadiness } from './readiness.js';
import { createTellRecord } from './tell-record.js';

const BEAT_EVERY_MS = 2_000;
const BEAT_LASTS_MS = 6_000;
/** Below the 20 s after which a `dialing` call is believed to have lost its dialer. */
const TELL_WITHIN_MS = 15_000;

const config = configOrExit('dialer', () => readDialerConfig(process.env));
const logger = createLogger({ name: 'dialer', level: config.LOG_LEVEL });
const clock = systemClock;

await runService({ name: 'dialer', logger, stopWithinMs: config.STOP_WITHIN_MS }, async ({ onStop, ready }) => {
  const prefix = config.ONHOOK_PREFIX;
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.disconnect());
  const { warnings } = await naming('REDIS_URL', () => checkRedis(redis));
  for (const warning of warnings) logger.warn({ warning }, 'redis is less safe than it could be');

  const { calls, directory, beats } = createRedisStore({
    redis,
    prefix,
    chance: systemChance,
    timers: systemTimers,
    logger,
    options: { waitReplicas: config.WAIT_REPLICAS, keepsOutbox: false },
  });
  const admission = createConcurrencyAdmission({
    redis,
    prefix,
    fromNumbers: config.FROM_NUMBERS as E164[],
    maxConcurrent: config.MAX_CONCURRENT_CALLS,
  });
  const carrier = createTwilioCarrier({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ...(config.TWILIO_API_BASE_URL && { baseUrl: config.TWILIO_API_BASE_URL }),
    createTimeoutMs: config.CREATE_TIMEOUT_MS,
    logger,
    clock,
  });
  const producer = createBullmqProducer({ redis, prefix, logger });
  onStop('producer', () => producer.close());

  const dial = createDial({
    calls,
    admission,
    carrier,
    readiness: createReadiness({ directory, beats, clock }),
    tellRecord: createTellRecord({
      calls,
      waker: createWaker({ producer, clock }),
      clock,
      timers: systemTimers,
      logger,
      withinMs: TELL_WITHIN_MS,
    }),
    clock,
    chance: systemChance,
    logger,
    publicUrl: config.PUBLIC_URL.replace(/\/$/, ''),
    streamTokenSecret: config.STREAM_TOKEN_SECRET,
  });
  const worker = startBullmqWorker({ redis, prefix, job: dialJob, handle: dial, concurrency: config.DIAL_CONCURRENCY, logger });
  onStop('worker', () => worker.close());

  const workerId = systemChance.uuid();
  const beat = (): void => {
    beats.beat('dialer', workerId, BEAT_LASTS_MS).catch((error: unknown) => logger.warn({ err: error }, 'heartbeat failed'));
  };
  const beating = systemTimers.every(BEAT_EVERY_MS, beat);
  // At once, not after the beat has run out: nobody shall count on a worker that is going.
  onStop('heartbeat', () => {
    beating.cancel();
    return beats.leave('dialer', workerId);
  });
  beat();
  ready({ workerId });
});
