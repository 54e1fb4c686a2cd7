import type { JobType } from '@onhook/contracts';
import type { JobHandler, Producer, Worker } from '@onhook/queue';
import { createMemoryQueues } from '@onhook/queue/memory';
import type { Logger } from '@onhook/service';
import type { Draw } from './draw.js';
import type { Scheduler } from './scheduler.js';
import type { SimProcess } from './sim-process.js';
import type { Weather } from './weather.js';

export interface JobsDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
  readonly logger: Logger;
  readonly isRedisDownFor: (process: SimProcess) => boolean;
  readonly isRedisDown: () => boolean;
}

export interface Jobs {
  producerFor(process: SimProcess): Producer;
  startWorker<P>(process: SimProcess, job: JobType<P>, handle: JobHandler<P>, concurrency: number): Worker;
  size(queue: string): number;
  /** Its locks run out: what it was doing is given to others as well. */
  froze(process: SimProcess): void;
}

/** After this a job whose worker said nothing runs again: BullMQ's lock and up to two checks. */
const STALL_MS = 7_500;

class QueueAway extends Error {
  readonly code = 'queue-unavailable';
}

/** The memory adapter's queues, with the weather over them and with workers that die, freeze and stall. */
export function createJobs({ scheduler, draw, weather, logger, isRedisDownFor, isRedisDown }: JobsDeps): Jobs {
  const clock = { now: () => Math.floor(scheduler.now()) };
  // Each fault is drawn here, so that it stands in the log; the adapter is told the outcome.
  const queues = createMemoryQueues({ timers: scheduler, clock, chance: { fraction: () => draw.fraction() }, stallMs: STALL_MS });

  const running = new Set<{ readonly process: SimProcess; readonly queue: string; readonly payload: unknown; abandon(): void }>();

  return {
    size: queues.size,

    froze(process) {
      scheduler.after(STALL_MS, () => {
        if (!process.isFrozen()) return;
        for (const entry of running) if (entry.process === process) queues.addUnchecked(entry.queue, entry.payload);
      });
    },

    producerFor: (process) => ({
      async add(job, payload, options) {
        await scheduler.delay(draw.between(0.2, 3));
        if (isRedisDownFor(process)) {
          if (draw.happens(0.4)) await scheduler.delay(1_500);
          throw new QueueAway('the queue is away');
        }
        const struck = (kind: Parameters<Weather['strikes']>[0]): number =>
          weather.strikes(kind, { process: process.name }) ? 1 : 0;
        queues.setFaults({
          rejectAdd: struck('job-add-refused'),
          rejectAddButKeep: struck('job-add-refused-but-kept'),
          loseJob: struck('job-lost'),
          reorder: struck('job-reordered'),
          delay: struck('job-delayed'),
        });
        await queues.producer.add(job, payload, options);
      },
      close: () => Promise.resolve(),
    }),

    startWorker(process, job, handle, concurrency) {
      let isClosed = false;

      /** The lock runs out, and the job is given to whoever else is there. */
      function stalls(payload: unknown): void {
        scheduler.after(STALL_MS, () => queues.addUnchecked(job.queue, payload));
      }

      /** BullMQ hands out nothing while Redis is away, and nothing to a process that does not ask. */
      async function arrives(): Promise<boolean> {
        await scheduler.delay(draw.between(0.2, 4));
        while (isRedisDown() && process.isAlive()) await scheduler.delay(200);
        return process.isServing() && !process.cut.redis;
      }

      const worker = queues.startWorker({
        job,
        concurrency,
        logger,
        async handle(payload) {
          if (!(await arrives())) {
            // Somebody else takes it a little later.
            scheduler.after(draw.between(300, 1_500), () => queues.addUnchecked(job.queue, payload));
            return undefined;
          }
          // The lock is lost while the job runs: a second worker starts it at the same time.
          if (weather.strikes('job-run-twice-at-once', { process: process.name })) queues.addUnchecked(job.queue, payload);
          return new Promise((resolve, reject) => {
            const entry = {
              process,
              queue: job.queue,
              payload,
              abandon: () => (running.delete(entry), stalls(payload), resolve(undefined)),
            };
            running.add(entry);
            process.deliver(() => {
              handle(payload).then(
                (answer) => {
                  running.delete(entry);
                  if (weather.strikes('job-completion-lost', { process: process.name })) stalls(payload);
                  resolve(answer ?? undefined);
                },
                (error: unknown) => {
                  running.delete(entry);
                  reject(error);
                },
              );
            });
          });
        },
      });
      process.onDeath(() => {
        isClosed = true;
        void worker.close();
        for (const entry of running) if (entry.process === process) entry.abandon();
      });
      return {
        async close() {
          if (!isClosed) await worker.close();
        },
      };
    },
  };
}
