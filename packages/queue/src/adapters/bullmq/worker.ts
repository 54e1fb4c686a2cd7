import { DelayedError, Worker as BullWorker, type Job, UnrecoverableError } from 'bullmq';
import type { JobType } from '@onhook/contracts';
import { type Clock, createSeldom, type Logger, systemClock, systemTimers, type Timers } from '@onhook/service';
import { isForNewer, JobPayloadError, OFFERED_AGAIN_MS, OFFERED_FOR_MS, readPayload } from '../../payload.js';
import type { JobHandler, Worker } from '../../port.js';
import type { Progress } from '../../progress.js';
import { openQueue } from './queues.js';
import {
  isConnectionTrouble,
  producerConnection,
  queuePrefix,
  type RedisClient,
  watchConnection,
  workerConnection,
} from './connections.js';

export interface BullmqWorkerDeps<P> {
  /** Its address and credentials are used; the connection itself is not. */
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly job: JobType<P>;
  readonly handle: JobHandler<P>;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly timers?: Pick<Timers, 'after'>;
  readonly clock?: Clock;
  /** A dead worker's job comes back after at most lock + two checks: 10 s. The record, not the lock, forbids a second POST. */
  readonly lockMs?: number;
  readonly stalledCheckMs?: number;
}

/** Once the last handler is done, this long for its completion to be written; then the connections are cut. */
const LAST_WRITES_WITHIN_MS = 2_000;

export interface BullmqWorker extends Worker {
  /** Rejects within about 2 s when Redis does not answer. */
  progress(): Promise<Progress>;
}

/** BullMQ looks at a hold only if a limiter is set; this many jobs a second are never reached. */
const NO_LIMIT = 1_000_000_000;
const ANSWER_WITHIN_MS = 1_500;

export function startBullmqWorker<P>({
  redis,
  prefix,
  job: jobType,
  handle,
  concurrency,
  logger,
  timers = systemTimers,
  clock = systemClock,
  lockMs = 5_000,
  stalledCheckMs = 2_500,
}: BullmqWorkerDeps<P>): BullmqWorker {
  const { queue } = jobType;
  const connection = workerConnection(redis);
  watchConnection(connection, logger, `${queue} worker`);
  const running = new Set<Promise<unknown>>();
  let begun = 0;
  const seldom = createSeldom({ clock });
  // Another connection than the worker's own: it is the worker that is judged by what this one sees.
  const lookingConnection = producerConnection(redis, ANSWER_WITHIN_MS);
  watchConnection(lookingConnection, logger, `${queue} progress`);
  const looking = openQueue({ connection: lookingConnection, prefix, queue });

  async function process(job: Job, token?: string): Promise<void> {
    begun++;
    try {
      await run(job);
    } catch (error) {
      if (isForNewer(error)) return leaveToNewer(job, token);
      throw error;
    }
  }

  async function run(job: Job): Promise<void> {
    const payload = payloadOf(job);
    const work = handle(payload);
    running.add(work);
    let holdQueueMs = 0;
    try {
      const answer = await work;
      holdQueueMs = Math.ceil(answer ? answer.holdQueueMs : 0);
    } catch (error) {
      if (isForNewer(error)) throw error;
      logger.error({ err: error, queue, jobId: job.id }, 'job failed');
      throw kept('handler failed', error);
    } finally {
      running.delete(work);
    }
    if (holdQueueMs > 0) await holdQueue(holdQueueMs);
  }

  function payloadOf(job: Job): P {
    try {
      return readPayload(jobType, job.data);
    } catch (error) {
      if (!(error instanceof JobPayloadError)) throw error;
      logger.error({ err: error, queue, jobId: job.id }, 'job was dropped');
      throw kept('payload invalid', error);
    }
  }

  /** Back into the queue, where a worker of the newer release may be the next to take it. */
  async function leaveToNewer(job: Job, token: string | undefined): Promise<never> {
    const now = clock.now();
    if (now - job.timestamp > OFFERED_FOR_MS) {
      logger.error({ queue, jobId: job.id }, 'job of a newer release was given up');
      throw new UnrecoverableError('no worker of a newer release took it');
    }
    if (seldom(queue)) logger.warn({ queue, jobId: job.id }, 'job of a newer release was left alone');
    await job.moveToDelayed(now + OFFERED_AGAIN_MS, token);
    throw new DelayedError();
  }

  async function holdQueue(ms: number): Promise<never> {
    try {
      await worker.rateLimit(ms);
    } catch (error) {
      logger.warn({ err: error, queue, holdQueueMs: ms }, 'queue could not be held');
    }
    // Puts the job back at the head of the queue.
    throw BullWorker.RateLimitError();
  }

  const worker = new BullWorker(queue, process, {
    connection,
    prefix: queuePrefix(prefix, queue),
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledCheckMs,
    // A job that stalls often is still only a hint that has to arrive.
    maxStalledCount: 1_000,
    // BullMQ waits 15 s after a lost connection unless told otherwise.
    runRetryDelay: 1_000,
    drainDelay: 5,
    limiter: { max: NO_LIMIT, duration: 1_000 },
    removeOnComplete: { age: 3_600, count: 500 },
    removeOnFail: { age: 7 * 24 * 3_600, count: 10_000 },
  });
  worker.on('error', (error) => {
    if (!isConnectionTrouble(error)) logger.warn({ err: error, queue }, 'worker reported an error');
  });
  worker.on('stalled', (jobId) => logger.warn({ queue, jobId }, 'stalled job was taken back'));

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    const closed = worker.close();
    closed.catch(() => undefined);
    do {
      while (running.size > 0) await Promise.allSettled(running);
      await settledOrAfter(LAST_WRITES_WITHIN_MS, timers, closed);
    } while (running.size > 0);
    worker.disconnect().catch(() => undefined);
    connection.disconnect();
    looking.close().catch(() => undefined);
    lookingConnection.disconnect();
  }

  return {
    close: () => (closing ??= close()),
    async progress() {
      const [waiting, heldForMs, isPaused] = await Promise.all([
        looking.getWaitingCount(),
        looking.getRateLimitTtl(NO_LIMIT),
        looking.isPaused(),
      ]);
      return { waiting: heldForMs > 0 || isPaused ? 0 : waiting, begun, done: begun - running.size, concurrency };
    },
  };
}

/** What BullMQ writes to Redis and shows on its board: words of ours, never an error's own, which may carry a number. */
function kept(what: string, error: unknown): UnrecoverableError {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const failure = new UnrecoverableError(
    `${what}: ${typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown'}`,
  );
  failure.stack = '';
  return failure;
}

function settledOrAfter(ms: number, timers: Pick<Timers, 'after'>, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = timers.after(ms, resolve);
    const done = (): void => {
      timer.cancel();
      resolve();
    };
    work.then(done, done);
  });
}
