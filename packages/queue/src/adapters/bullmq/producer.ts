import type { Queue } from 'bullmq';
import { type Clock, type Logger, systemClock, systemTimers, type Timers } from '@onhook/service';
import { dedupeIdFor } from '../../dedupe.js';
import { readPayload } from '../../payload.js';
import type { Producer } from '../../port.js';
import { producerConnection, type RedisClient, watchConnection } from './connections.js';
import { openQueue } from './queues.js';

export interface BullmqProducerDeps {
  /** Its address and credentials are used; the connection itself is not. */
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly logger: Logger;
  readonly clock?: Pick<Clock, 'now'>;
  readonly timers?: Pick<Timers, 'after'>;
  /** How long an add may take. */
  readonly answerWithinMs?: number;
}

/** The queue did not answer in time: the job may or may not have been added. */
export class QueueUnavailableError extends Error {
  readonly code = 'queue-unavailable';
  constructor(queue: string, cause?: unknown) {
    super(`The queue "${queue}" could not be reached.`, { cause });
    this.name = 'QueueUnavailableError';
  }
}

export function createBullmqProducer({
  redis,
  prefix,
  logger,
  clock = systemClock,
  timers = systemTimers,
  answerWithinMs = 1_500,
}: BullmqProducerDeps): Producer {
  const connection = producerConnection(redis, answerWithinMs);
  watchConnection(connection, logger, 'producer');
  const queues = new Map<string, Queue>();
  // A connection that is only just being made deserves the wait that a lost one does not.
  const firstReady = new Promise<void>((resolve) => {
    if (isUsable(connection)) resolve();
    else connection.once('ready', () => resolve());
  });
  let hasBeenReady = false;
  void firstReady.then(() => (hasBeenReady = true));

  const queueOf = (queue: string): Queue => {
    let opened = queues.get(queue);
    if (!opened) queues.set(queue, (opened = openQueue({ connection, prefix, queue })));
    return opened;
  };

  return {
    async add(job, payload, { delayMs = 0, dedupeId } = {}) {
      const data = readPayload(job, payload);
      const adding = (async () => {
        if (!hasBeenReady) await firstReady;
        await queueOf(job.queue).add(job.queue, data, {
          ...(delayMs > 0 && { delay: Math.ceil(delayMs) }),
          ...(dedupeId !== undefined && {
            deduplication: { id: dedupeIdFor(dedupeId, delayMs, clock.now()), keepLastIfActive: true },
          }),
        });
      })();
      await withinMs(adding, answerWithinMs, timers, job.queue);
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

const isUsable = (client: RedisClient): boolean => client.status === 'ready';

/** ioredis bounds each command; this bounds the sum of them, and the wait for the first connection. */
async function withinMs(work: Promise<void>, ms: number, timers: Pick<Timers, 'after'>, queue: string): Promise<void> {
  let giveUp: (error: Error) => void = () => undefined;
  const tooLate = new Promise<never>((_, reject) => (giveUp = reject));
  const timer = timers.after(ms, () => giveUp(new QueueUnavailableError(queue)));
  try {
    await Promise.race([work, tooLate]);
  } catch (error) {
    // What comes after we stopped listening must not end the process.
    work.catch(() => undefined);
    throw error instanceof QueueUnavailableError ? error : new QueueUnavailableError(queue, error);
  } finally {
    timer.cancel();
  }
}
