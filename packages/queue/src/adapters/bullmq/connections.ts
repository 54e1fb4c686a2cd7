import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { Logger } from '@onhook/service';

/** Whatever the process is connected by; the adapter makes its own connections after its image. */
export type RedisClient = Redis | Cluster;

/** All keys of one queue share the hash tag, so that they share a slot (BullMQ refuses ioredis' keyPrefix). */
export function queuePrefix(prefix: string, queue: string): string {
  return `{${prefix}:${queue}}`;
}

/** A server that is back is found again within about a second. */
const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 5), 1_000);

/**
 * Fails fast: without `enableOfflineQueue: false` a command waits for a dead server, without `commandTimeout` it waits
 * for ever on a half-open one.
 */
export function producerConnection(redis: RedisClient, answerWithinMs: number): RedisClient {
  const options: RedisOptions = {
    lazyConnect: false,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: answerWithinMs,
    socketTimeout: answerWithinMs,
    connectTimeout: answerWithinMs,
    retryStrategy,
  };
  return copyOf(redis, options, { enableOfflineQueue: false });
}

/**
 * Waits for a server that is away: a worker has nothing better to do. `commandTimeout` of the connection that it is copied from
 * must not come along: it would abandon each blocking read while Redis still serves it, and the wake-up goes to nobody.
 */
export function workerConnection(redis: RedisClient): RedisClient {
  const options: Patient = {
    commandTimeout: undefined,
    lazyConnect: false,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    connectTimeout: 5_000,
    // Longer than the longest blocking read (10 s), so that only a half-open connection is cut.
    socketTimeout: 12_000,
    retryStrategy,
  };
  return copyOf(redis, options, { enableOfflineQueue: true });
}

/** ioredis' own type knows no way to take a setting back, `duplicate` does. */
type Patient = Omit<RedisOptions, 'commandTimeout'> & { commandTimeout: undefined };

function copyOf(redis: RedisClient, given: RedisOptions | Patient, clusterOptions: ClusterOptions): RedisClient {
  const options = given as RedisOptions;
  if (!redis.isCluster) return (redis as Redis).duplicate({ ...options, replyMapping: 'legacy' });
  return (redis as Cluster).duplicate([], {
    ...clusterOptions,
    lazyConnect: false,
    clusterRetryStrategy: retryStrategy,
    // BullMQ reads replies in the shape that they had before RESP3.
    redisOptions: { ...(redis as Cluster).options.redisOptions, ...options, replyMapping: 'legacy' },
  });
}

/** Every connection needs an error handler, or one lost server ends the process. One line per outage, not per attempt. */
export function watchConnection(client: RedisClient, logger: Logger, role: string): void {
  let isLost = false;
  client.on('error', (error: Error) => {
    if (isLost) return;
    isLost = true;
    logger.warn({ err: error, role }, 'redis connection was lost');
  });
  client.on('ready', () => {
    if (!isLost) return;
    isLost = false;
    logger.info({ role }, 'redis connection was restored');
  });
}

/** ioredis and BullMQ repeat these with every attempt; `watchConnection` has said it once. */
export function isConnectionTrouble(error: Error): boolean {
  return /ECONN|EPIPE|Connection is closed|Socket timeout|Stream isn't writeable|Command timed out|ClusterAllFailed|slots cache|isn't ready/i.test(
    `${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`,
  );
}
