import { createDirectoryArchive } from '@onhook/archive/directory';
import { createTwilioCarrier } from '@onhook/carrier/twilio';
import { hangupJob, type HangupPayload } from '@onhook/contracts';
import { createWaker, serveJobs } from '@onhook/queue';
import { createBullmqProducer, startBullmqWorker } from '@onhook/queue/bullmq';
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
import { createVault } from '@onhook/store';
import { checkRedis, connectRedis, createRedisContacts, createRedisPlaces, createRedisStore } from '@onhook/store/redis';
import { resolve } from 'node:path';
import { readHangupConfig } from './config.js';
import { createForgetExpired } from './forget-expired.js';
import { createKeepArchive } from './keep-archive.js';
import { runKeeper } from './keeper.js';
import { createLookForLeg } from './look-for-leg.js';
import { createPerform } from './perform.js';
import { createReconcileLegs } from './reconcile-legs.js';
import { createReconcilePlaces } from './reconcile-places.js';
import { runReconciler } from './reconcile.js';
import { createEndStray } from './stray.js';
import { createTend } from './tend.js';
import { runWatchdog } from './watchdog.js';

const config = configOrExit('hangup', () => readHangupConfig(process.env));
const logger = createLogger({ name: 'hangup', level: config.LOG_LEVEL });
const failpoints = configOrExit('hangup', () => armFailpoints(process.env, { logger }));
const clock = systemClock;
const timers = systemTimers;

await runService({ name: 'hangup', logger, stopWithinMs: config.STOP_WITHIN_MS }, async (scope) => {
  const { onStop, stopping } = scope;
  const prefix = config.ONHOOK_PREFIX;
  const redis = await connectRedis(config.REDIS_URL, 'producer', { logger });
  onStop('redis', () => redis.disconnect());
  const { warnings } = await naming('REDIS_URL', () => checkRedis(redis, { accepts: config.DURABILITY }));
  for (const warning of warnings) logger.warn({ warning }, 'redis is less safe than it could be');

  const vault = createVault({ dataKeys: config.DATA_KEY ?? [], chance: systemChance });
  const store = createRedisStore({
    redis,
    vault,
    prefix,
    chance: systemChance,
    timers,
    logger,
    options: { leaseMs: config.OWNER_LEASE_MS },
  });
  const { beats } = store;
  const calls = failpoints('calls', store.calls);
  const orders = failpoints('orders', store.orders);
  const admission = failpoints('places', createRedisPlaces({ redis, prefix, vault }));
  const twilio = createTwilioCarrier({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ...(config.TWILIO_API_BASE_URL && { baseUrl: config.TWILIO_API_BASE_URL }),
    logger,
    clock,
  });
  const carrier = failpoints('carrier', twilio);
  const producer = failpoints('queue', createBullmqProducer({ redis, prefix, logger }));
  onStop('producer', () => producer.close());

  const perform = createPerform({ waker: createWaker({ producer, clock }), orders, logger });
  const lookForLeg = createLookForLeg({ carrier, calls, logger });
  const contacts = failpoints('contacts', createRedisContacts({ redis, prefix, vault }));
  const tend = createTend({ calls, carrier, orders, admission, contacts, lookForLeg, perform, clock, logger });
  const endStray = createEndStray({ carrier, timers, logger });
  const { handle } = failpoints('hangup-job', {
    handle: (payload: HangupPayload) => ('sid' in payload ? endStray(payload.sid) : tend(payload.callId, 'hangup-worker')),
  });
  const worker = startBullmqWorker({ redis, prefix, job: hangupJob, handle, concurrency: config.HANGUP_CONCURRENCY, logger });

  const reconciler = runReconciler(
    {
      legs: createReconcileLegs({
        carrier,
        calls,
        endStray,
        clock,
        logger,
        fromNumbers: config.FROM_NUMBERS,
        isAccountOursAlone: config.EXCLUSIVE_ACCOUNT,
      }),
      places: createReconcilePlaces({ account: config.ACCOUNT, calls, places: admission, logger }),
      clock,
      timers,
      logger,
      everyMs: config.RECONCILE_EVERY_MS,
    },
    stopping,
  );
  onStop('reconciler', () => reconciler);

  const watchdog = runWatchdog(
    { calls, tend, perform, clock, timers, logger, everyMs: config.WATCHDOG_EVERY_MS, leaseTtlMs: config.OWNER_LEASE_MS },
    stopping,
  );
  onStop('watchdog', () => watchdog);

  const { retention, transcripts } = store;
  const archive = config.ARCHIVE_DIR === 'off' ? null : createDirectoryArchive({ dir: resolve(config.ARCHIVE_DIR) });
  const recordings = createDirectoryRecordings({ dir: resolve(config.RECORDINGS_DIR), logger, timers });
  const keeper = runKeeper(
    {
      keepArchive: createKeepArchive({ retention, archive, recordings, transcripts, vault, logger }),
      forgetExpired: createForgetExpired({ retention, archive, recordings, logger, retentionMs: config.RETENTION }),
      retention,
      clock,
      timers,
      logger,
      everyMs: config.KEEP_EVERY_MS,
    },
    stopping,
  );
  onStop('keeper', () => keeper);

  const workerId = systemChance.uuid();
  const heartbeat = {
    beat: (lastsMs: number) => beats.beat('hangup', workerId, lastsMs),
    leave: () => beats.leave('hangup', workerId),
  };
  serveJobs({ worker, heartbeat, scope, clock, timers, logger });
  scope.ready({ workerId });
});
