import { Queue } from 'bullmq';
import { dialJob, hangupJob, webhookJob } from '@onhook/contracts';
import { type Logger, silentLogger } from '@onhook/service';
import { producerConnection, queuePrefix, type RedisClient, watchConnection } from './connections.js';

const HOUR_SEC = 3_600;

/** A queue object that never hangs on a Redis that is away, neither when it is made nor later. */
export function openQueue({ connection, prefix, queue }: { connection: RedisClient; prefix: string; queue: string }): Queue {
  const opened = new Queue(queue, {
    connection,
    prefix: queuePrefix(prefix, queue),
    skipWaitingForReady: true,
    // The check asks the server once, when the object is made; were it away, the object would stay broken for good.
    skipVersionCheck: true,
    skipMetasUpdate: true,
    defaultJobOptions: {
      attempts: 1,
      // History belongs to the call records; these are for Bull Board.
      removeOnComplete: { age: HOUR_SEC, count: 500 },
      removeOnFail: { age: 7 * 24 * HOUR_SEC, count: 10_000 },
    },
  });
  // The connection's own handler has said it: here is only kept from ending the process.
  opened.on('error', () => undefined);
  return opened;
}

export interface BullmqQueues {
  readonly dial: Queue;
  readonly hangup: Queue;
  readonly webhooks: Queue;
  close(): Promise<void>;
}

/** The queues as BullMQ objects, for Bull Board. Looking only: jobs are added by the producer. */
export function createBullmqQueues({
  redis,
  prefix,
  logger = silentLogger,
}: {
  redis: RedisClient;
  prefix: string;
  logger?: Logger;
}): BullmqQueues {
  const connection = producerConnection(redis, 1_500);
  watchConnection(connection, logger, 'queues');
  const dial = openQueue({ connection, prefix, queue: dialJob.queue });
  const hangup = openQueue({ connection, prefix, queue: hangupJob.queue });
  const webhooks = openQueue({ connection, prefix, queue: webhookJob.queue });
  return {
    dial,
    hangup,
    webhooks,
    async close() {
      await Promise.all([dial.close(), hangup.close(), webhooks.close()]);
      connection.disconnect();
    },
  };
}
