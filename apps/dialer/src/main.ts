import { createTwilioCarrier } from '@onhook/carrier/twilio';
import { dialJob, type E164 } from '@onhook/contracts';
import { createWaker, serveJobs } from '@onhook/queue';
import { createBullmqProducer, startBullmqWorker } from '@onhook/queue/bullmq';
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
import { checkRedis, connectRedis, createRedisAdmission, createRedisStore } from '@onhook/store/redis';
import { createAdmit } from './admit.js';
import { classifyNumber } from './classify-number.js';
import { readDialerConfig } from './config.js';
import { createDial } from './dial.js';
import { accountLimits } from './limits-config.js';
import { createLookBeforeDial } from './look-before-dial.js';
import { createReadiness } from './readiness.js';
import { createTellRecord } from './tell-record.js';

/** Below the 20 s after which a `dialing` call is believed to have lost its dialer. */
const TELL_WITHIN_MS = 15_000;

const config = configOrExit('dialer', () => readDialerConfig(process.env));
const logger = createLogger({ name: 'dialer', level: config.LOG_LEVEL });
const failpoints = configOrExit('dialer', () => armFailpoints(process.env, { logger }));
const clock = systemClock;

await runService({ name: 'dialer', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  const { onStop } = scope;
  const prefix = config.ONHOOK_PREFIX;
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.disconnect());
  const { warnings } = await naming('REDIS_URL', () => checkRedis(redis, { waitReplicas: config.WAIT_REPLICAS }));
  for (const warning of warnings) logger.warn({ warning }, 'redis is less safe than it could be');

  const store = createRedisStore({
    redis,
    prefix,
    chance: systemChance,
    timers: systemTimers,
    logger,
    options: { waitReplicas: config.WAIT_REPLICAS, keepsOutbox: false },
  });
  const { directory, beats, lives } = store;
  const calls = failpoints('calls', store.calls);
  const fromNumbers = config.FROM_NUMBERS as E164[];
  const limits = accountLimits(config, fromNumbers);
  const admission = failpoints('admission', createRedisAdmission({ redis, prefix, fromNumbers, limits }));
  const twilio = createTwilioCarrier({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ...(config.TWILIO_API_BASE_URL && { baseUrl: config.TWILIO_API_BASE_URL }),
    createTimeoutMs: config.CREATE_TIMEOUT_MS,
    logger,
    clock,
  });
  const carrier = failpoints('carrier', twilio);
  const producer = failpoints('queue', createBullmqProducer({ redis, prefix, logger }));
  onStop('producer', () => producer.close());

  const waker = createWaker({ producer, clock });
  const tellRecord = createTellRecord({ calls, waker, clock, timers: systemTimers, logger, withinMs: TELL_WITHIN_MS });
  const dial = createDial({
    calls,
    admit: createAdmit({ admission, classify: classifyNumber, clock, timers: systemTimers }),
    places: admission,
    carrier,
    readiness: createReadiness({ directory, beats, clock }),
    lookBeforeDial: createLookBeforeDial({
      lives,
      carrier,
      calls,
      tellRecord,
      waker,
      logger,
      fromNumbers,
      isAccountOursAlone: config.EXCLUSIVE_ACCOUNT,
    }),
    tellRecord,
    clock,
    chance: systemChance,
    logger,
    publicUrl: config.PUBLIC_URL.replace(/\/$/, ''),
    streamTokenSecret: config.STREAM_TOKEN_SECRET,
  });
  const { handle } = failpoints('dial-job', { handle: dial });
  const worker = startBullmqWorker({ redis, prefix, job: dialJob, handle, concurrency: config.DIAL_CONCURRENCY, logger });

  const workerId = systemChance.uuid();
  const heartbeat = {
    beat: (lastsMs: number) => beats.beat('dialer', workerId, lastsMs),
    leave: () => beats.leave('dialer', workerId),
  };
  serveJobs({ worker, heartbeat, scope, clock, timers: systemTimers, logger });
  scope.ready({ workerId });
});
