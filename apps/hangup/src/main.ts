import { createTwilioCarrier } from '@onhook/carrier/twilio';
import { hangupJob, type E164 } from '@onhook/contracts';
import { createWaker } from '@onhook/queue';
import { createBullmqProducer, startBullmqWorker } from '@onhook/queue/bullmq';
import { configOrExit, createLogger, naming, runService, systemChance, systemClock, systemTimers } from '@onhook/service';
import { checkRedis, connectRedis, createConcurrencyAdmission, createRedisStore } from '@onhook/store/redis';
import { readHangupConfig } from './config.js';
import { createLookForLeg } from './look-for-leg.js';
import { createPerform } from './perform.js';
import { createEndStray } from './stray.js';
import { createTend } from './tend.js';
import { runWatchdog } from './watchdog.js';

const BEAT_EVERY_MS = 2_000;
const BEAT_LASTS_MS = 6_000;

const config = configOrExit('hangup', () => readHangupConfig(process.env));
const logger = createLogger({ name: 'hangup', level: config.LOG_LEVEL });
const clock = systemClock;
const timers = systemTimers;

await runService({ name: 'hangup', logger, stopWithinMs: config.STOP_WITHIN_MS }, async ({ onStop, ready, stopping }) => {
  const prefix = config.ONHOOK_PREFIX;
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.disconnect());
  const { warnings } = await naming('REDIS_URL', () => checkRedis(redis));
  for (const warning of warnings) logger.warn({ warning }, 'redis is less safe than it could be');

  const { calls, orders, beats } = createRedisStore({
    redis,
    prefix,
    chance: systemChance,
    timers,
    logger,
    options: { leaseMs: config.OWNER_LEASE_MS, keepsOutbox: false },
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
    logger,
    clock,
  });
  const producer = createBullmqProducer({ redis, prefix, logger });
  onStop('producer', () => producer.close());

  const perform = createPerform({ waker: createWaker({ producer, clock }), orders, logger });
  const lookForLeg = createLookForLeg({ carrier, calls, logger });
  const tend = createTend({ calls, carrier, orders, admission, lookForLeg, perform, clock, logger });
  const endStray = createEndStray({ carrier, timers, logger });
  const worker = startBullmqWorker({
    redis,
    prefix,
    job: hangupJob,
    handle: (payload) => ('sid' in payload ? endStray(payload.sid) : tend(payload.callId, 'hangup-worker')),
    concurrency: config.HANGUP_CONCURRENCY,
    logger,
  });
  onStop('worker', () => worker.close());

  const watchdog = runWatchdog(
    { calls, tend, perform, clock, timers, logger, everyMs: config.WATCHDOG_EVERY_MS, leaseTtlMs: config.OWNER_LEASE_MS },
    stopping,
  );
  onStop('watchdog', () => watchdog);

  const workerId = systemChance.uuid();
  const beat = (): void => {
    beats.beat('hangup', workerId, BEAT_LASTS_MS).catch((error: unknown) => logger.warn({ err: error }, 'heartbeat failed'));
  };
  const beating = timers.every(BEAT_EVERY_MS, beat);
  // At once, not after the beat has run out: nobody shall count on a worker that is going.
  onStop('heartbeat', () => {
    beating.cancel();
    return beats.leave('hangup', workerId);
  });
  beat();
  ready({ workerId });
});
