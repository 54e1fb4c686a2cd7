import { createTwilioCarrier } from '@onhook/carrier/twilio';
import { dialJob, type E164 } from '@onhook/contracts';
import { accountLimits, classifyNumber } from '@onhook/dial-rules';
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
import { createVault } from '@onhook/store';
import {
  checkRedis,
  connectRedis,
  createRedisAdmission,
  createRedisAdmissionControl,
  createRedisCampaigns,
  createRedisContacts,
  createRedisDoNotCall,
  createRedisStore,
} from '@onhook/store/redis';
import { createAdmit } from './admit.js';
import { createAuditContacts } from './audit-contacts.js';
import { createCampaignTerms } from './campaign-terms.js';
import { readDialerConfig } from './config.js';
import { createDial } from './dial.js';
import { createFeedCampaigns } from './feed-campaigns.js';
import { createFeedContacts } from './feed-contacts.js';
import { createLookBeforeDial } from './look-before-dial.js';
import { createReadiness } from './readiness.js';
import { runFeeder } from './run-feeder.js';
import { createTellRecord } from './tell-record.js';

/** Below the 20 s after which a `dialing` call is believed to have lost its dialer. */
const TELL_WITHIN_MS = 15_000;
/** A tenth of the calls that are kept ahead. */
const FEED_EVERY_MS = 200;

const config = configOrExit('dialer', () => readDialerConfig(process.env));
const logger = createLogger({ name: 'dialer', level: config.LOG_LEVEL });
const failpoints = configOrExit('dialer', () => armFailpoints(process.env, { logger }));
const clock = systemClock;

await runService({ name: 'dialer', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  const { onStop } = scope;
  const prefix = config.ONHOOK_PREFIX;
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.disconnect());
  // What waits for replicas waits alone: nothing else of this process stands behind it.
  const critical = config.WAIT_REPLICAS > 0 ? await connectRedis(config.REDIS_URL, 'producer', { logger }) : redis;
  onStop('redis for critical commits', () => critical.disconnect());
  const { warnings } = await naming('REDIS_URL', () =>
    checkRedis(redis, { waitReplicas: config.WAIT_REPLICAS, accepts: config.DURABILITY }),
  );
  for (const warning of warnings) logger.warn({ warning }, 'redis is less safe than it could be');

  const vault = createVault({ dataKeys: config.DATA_KEY ?? [], chance: systemChance });
  // Before anything is dialed: under another DATA_KEY the numbers on the list have other names.
  await createRedisDoNotCall({ redis, prefix, vault }).adopt(config.ACCOUNT);
  const store = createRedisStore({
    redis,
    critical,
    vault,
    prefix,
    chance: systemChance,
    timers: systemTimers,
    logger,
    options: { waitReplicas: config.WAIT_REPLICAS },
  });
  const { directory, beats, lives } = store;
  const calls = failpoints('calls', store.calls);
  const fromNumbers = config.FROM_NUMBERS as E164[];
  const limits = accountLimits(config, fromNumbers);
  const admission = failpoints('admission', createRedisAdmission({ redis, prefix, fromNumbers, limits, vault }));
  const twilio = createTwilioCarrier({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ...(config.TWILIO_API_BASE_URL && { baseUrl: config.TWILIO_API_BASE_URL }),
    createTimeoutMs: config.CREATE_TIMEOUT_MS,
    createSteps: failpoints('create', { connected: () => {}, sent: () => {} }),
    logger,
    clock,
  });
  const carrier = failpoints('carrier', twilio);
  const producer = failpoints('queue', createBullmqProducer({ redis, prefix, logger }));
  onStop('producer', () => producer.close());

  const waker = createWaker({ producer, clock });
  const tellRecord = createTellRecord({ calls, waker, clock, timers: systemTimers, logger, withinMs: TELL_WITHIN_MS });
  const campaigns = failpoints('campaigns', createRedisCampaigns({ redis, prefix }));
  const contacts = failpoints('contacts', createRedisContacts({ redis, prefix, vault }));
  const dial = createDial({
    calls,
    admit: createAdmit({
      admission,
      campaignTerms: createCampaignTerms({ campaigns, clock }),
      classify: classifyNumber,
      clock,
      timers: systemTimers,
    }),
    places: admission,
    contacts,
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
  const feeder = runFeeder(
    {
      round: createFeedCampaigns({
        campaigns,
        contacts,
        control: createRedisAdmissionControl({ redis, prefix, vault }),
        feedContacts: createFeedContacts({ calls, contacts, waker }),
        auditContacts: createAuditContacts({ calls, contacts, waker, logger }),
        clock,
        logger,
        holder: workerId,
        callsPerSecond: limits.callsPerSecond,
      }),
      release: () => campaigns.releaseFeeder(workerId),
      timers: systemTimers,
      logger,
      everyMs: FEED_EVERY_MS,
    },
    scope.stopping,
  );
  onStop('feeder', () => feeder);
  const heartbeat = {
    beat: (lastsMs: number) => beats.beat('dialer', workerId, lastsMs),
    leave: () => beats.leave('dialer', workerId),
  };
  serveJobs({ worker, heartbeat, scope, clock, timers: systemTimers, logger });
  scope.ready({ workerId });
});
