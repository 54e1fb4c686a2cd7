import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { systemTimers, type Logger, type Timers } from '@onhook/service';
import { StoreUnavailable } from '../../errors.js';
import { parseRedisUrl } from './address.js';

/** One server, or a cluster of any size: the same commands. */
export type RedisClient = Redis | Cluster;

/**
 * `producer`: answers or fails within 1.5 s, also when Redis is half-open; for the store and for adding jobs.
 * `worker`: waits for Redis as long as it takes; what BullMQ's workers need.
 */
export type RedisKind = 'producer' | 'worker';

const NO_ANSWER_MS = 1_500;

/** Back within a second of Redis being back (ioredis 6 by itself: up to 5 s). */
const retryAfterMs = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), 1_000);

/** Measured: without `commandTimeout` a half-open Redis hangs its callers; without the two others a dead one does, for seconds. */
const FAIL_FAST = {
  maxRetriesPerRequest: 1,
  commandTimeout: NO_ANSWER_MS,
  socketTimeout: NO_ANSWER_MS,
} as const satisfies RedisOptions;

export interface ConnectDeps {
  readonly logger: Logger;
  readonly timers?: Timers;
  /** How long the first connection may take. */
  readonly readyWithinMs?: number;
}

/**
 * Resolves once Redis is ready, and recovers by itself ever after.
 *
 * @param url see `parseRedisUrl`
 * @throws StoreUnavailable if Redis is not ready in time; nothing is left open then
 */
export async function connectRedis(
  url: string,
  kind: RedisKind,
  { logger, timers = systemTimers, readyWithinMs = 5_000 }: ConnectDeps,
): Promise<RedisClient> {
  const redis = openClient(url, kind);
  let last = 'it did not answer in time';
  const keepLast = (error: Error): void => void (last = error.message);
  redis.on('error', keepLast);
  logOutages(redis, logger);
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = timers.after(readyWithinMs, () => resolve(false));
    redis.once('ready', () => {
      timer.cancel();
      resolve(true);
    });
  });
  redis.off('error', keepLast);
  if (isReady) return redis;
  redis.disconnect();
  throw new StoreUnavailable(last);
}

function openClient(url: string, kind: RedisKind): RedisClient {
  const { nodes, isCluster, sentinelName, isTls, username, password, db } = parseRedisUrl(url);
  const common = {
    connectTimeout: NO_ANSWER_MS,
    username,
    password,
    ...(isTls && { tls: {} }),
    ...(kind === 'producer' ? FAIL_FAST : { maxRetriesPerRequest: null }),
  };
  const enableOfflineQueue = kind === 'worker';
  if (sentinelName) {
    return new Redis({
      ...common,
      sentinels: [...nodes],
      name: sentinelName,
      db,
      enableOfflineQueue,
      retryStrategy: retryAfterMs,
      sentinelRetryStrategy: retryAfterMs,
      // Without it a demoted primary that still answers would be read and written for as long as it lives.
      failoverDetector: true,
      ...(isTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    });
  }
  return isCluster
    ? new Cluster([...nodes], {
        enableOfflineQueue,
        clusterRetryStrategy: retryAfterMs,
        slotsRefreshTimeout: NO_ANSWER_MS,
        redisOptions: common,
        ...(kind === 'producer' && { maxRedirections: 5 }),
      })
    : new Redis({ ...common, ...nodes[0], db, enableOfflineQueue, retryStrategy: retryAfterMs });
}

/**
 * A second connection of the same kind for blocking reads. Its patience is longer than the block: a read that is not even
 * answered with nothing is a half-open connection.
 */
export function openReader(redis: RedisClient, blockMs: number): RedisClient {
  const patience = { commandTimeout: blockMs + NO_ANSWER_MS, socketTimeout: blockMs + NO_ANSWER_MS, maxRetriesPerRequest: 1 };
  return redis instanceof Cluster
    ? redis.duplicate([], {
        redisOptions: { ...redis.options.redisOptions, ...patience, replyMapping: 'legacy' },
        enableOfflineQueue: true,
      })
    : redis.duplicate({ ...patience, enableOfflineQueue: true });
}

/** One line when it goes and one when it is back, whatever number of errors ioredis reports in between. */
function logOutages(redis: RedisClient, logger: Logger): void {
  let isOut = false;
  redis.on('error', (error: Error) => {
    if (isOut) return;
    isOut = true;
    logger.warn({ reason: error.message }, 'redis connection was lost');
  });
  redis.on('ready', () => {
    if (isOut) logger.info('redis connection was restored');
    isOut = false;
  });
}
