import type { JobType } from '@onhook/contracts';
import type { Chance, Clock, Logger, Timers } from '@onhook/service';
import { dedupeIdFor } from '../../dedupe.js';
import { isForNewer, readPayload } from '../../payload.js';
import type { JobHandler, Producer, Worker } from '../../port.js';
import { createLane, type Lane } from './lane.js';

/** Chances from 0 to 1, drawn anew for each job; all 0 unless set. What BullMQ does on a bad day. */
export interface MemoryQueueFaults {
  /** The add is refused: Redis is away. */
  rejectAdd: number;
  /** The add is refused, and the job is there all the same. */
  rejectAddButKeep: number;
  /** The add is accepted and the job is lost: the tail of the append-only file was cut. */
  loseJob: number;
  /** The job is done and its completion is lost: it runs again after the stall time. */
  loseCompletion: number;
  /** The lock is lost while the job runs: a second worker starts it at the same time. */
  runTwiceAtOnce: number;
  /** The job goes before those that wait. */
  reorder: number;
  /** The job becomes ready later than it should, by up to `delayUpToMs`. */
  delay: number;
}

export interface MemoryQueuesDeps {
  readonly timers: Pick<Timers, 'after'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly chance: Pick<Chance, 'fraction'>;
  /** After this a job whose worker said nothing runs again (BullMQ: lock + up to two checks). */
  readonly stallMs?: number;
  readonly delayUpToMs?: number;
}

export type StartMemoryWorker = <P>(options: {
  job: JobType<P>;
  handle: JobHandler<P>;
  concurrency: number;
  logger: Logger;
}) => Worker;

export interface MemoryQueues {
  readonly producer: Producer;
  readonly startWorker: StartMemoryWorker;
  /** Changes the faults from now on. */
  setFaults(faults: Partial<MemoryQueueFaults>): void;
  /** Jobs that wait, are delayed or run. */
  size(queue: string): number;
  /** Adds past the check at the producer, as a program of an older version would. */
  addUnchecked(queue: string, data: unknown): void;
}

const NO_FAULTS: MemoryQueueFaults = {
  rejectAdd: 0,
  rejectAddButKeep: 0,
  loseJob: 0,
  loseCompletion: 0,
  runTwiceAtOnce: 0,
  reorder: 0,
  delay: 0,
};

class RefusedAdd extends Error {
  readonly code = 'queue-unavailable';
}

/** Queues in one process, for tests and the simulation: the promises of BullMQ, and by switches its failures. */
export function createMemoryQueues({
  timers,
  clock,
  chance,
  stallMs = 7_500,
  delayUpToMs = 2_000,
}: MemoryQueuesDeps): MemoryQueues {
  let faults = NO_FAULTS;
  const lanes = new Map<string, Lane>();
  const happens = (fault: keyof MemoryQueueFaults): boolean => faults[fault] > 0 && chance.fraction() < faults[fault];

  function laneOf(queue: string): Lane {
    let lane = lanes.get(queue);
    if (!lane) lanes.set(queue, (lane = createLane({ timers, stallMs, happens })));
    return lane;
  }

  const producer: Producer = {
    async add(job, payload, { delayMs = 0, dedupeId } = {}) {
      // Through JSON as through Redis: the handler must never share an object with the producer.
      const data: unknown = JSON.parse(JSON.stringify(readPayload(job, payload)));
      if (happens('rejectAdd')) throw new RefusedAdd(`The queue "${job.queue}" could not be reached.`);
      const lateMs = happens('delay') ? chance.fraction() * delayUpToMs : 0;
      if (!happens('loseJob')) {
        laneOf(job.queue).add({
          data,
          delayMs: delayMs + lateMs,
          dedupeId: dedupeId === undefined ? undefined : dedupeIdFor(dedupeId, delayMs, clock.now()),
          inFront: happens('reorder'),
        });
      }
      if (happens('rejectAddButKeep')) throw new RefusedAdd(`The queue "${job.queue}" did not answer.`);
    },
    close: () => Promise.resolve(),
  };

  return {
    producer,
    startWorker: ({ job, handle, concurrency, logger }) =>
      laneOf(job.queue).attach({
        concurrency,
        logger,
        queue: job.queue,
        async handle(data) {
          try {
            return { holdMs: (await handle(readPayload(job, data)))?.holdQueueMs ?? 0 };
          } catch (error) {
            if (isForNewer(error)) return 'for-newer';
            throw error;
          }
        },
      }),
    setFaults: (changes) => void (faults = { ...faults, ...changes }),
    size: (queue) => lanes.get(queue)?.size() ?? 0,
    addUnchecked: (queue, data) => laneOf(queue).add({ data, delayMs: 0, dedupeId: undefined, inFront: false }),
  };
}
