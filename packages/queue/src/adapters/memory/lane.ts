import type { Logger, Timers } from '@onhook/service';
import { OFFERED_AGAIN_MS, OFFERED_FOR_MS } from '../../payload.js';
import type { Worker } from '../../port.js';
import type { MemoryQueueFaults } from './memory-queues.js';

interface NewJob {
  readonly data: unknown;
  readonly delayMs: number;
  readonly dedupeId: string | undefined;
  readonly inFront: boolean;
}

interface LaneJob extends NewJob {
  state: 'delayed' | 'waiting' | 'active';
  /** To workers that are too old for it. */
  offers: number;
  /** Added while this one ran: runs once after it. */
  next: NewJob | undefined;
}

interface Consumer {
  readonly queue: string;
  readonly concurrency: number;
  readonly logger: Logger;
  /** Resolves with the time for which the queue is to be held; 0: not at all. `for-newer`: a worker of a newer release may know it. */
  readonly handle: (data: unknown) => Promise<{ readonly holdMs: number } | 'for-newer'>;
}

interface Outcome {
  readonly done: boolean;
  readonly isForNewer: boolean;
  readonly holdMs: number;
}

/** One queue in memory. */
export interface Lane {
  add(job: NewJob): void;
  attach(consumer: Consumer): Worker;
  size(): number;
}

export interface LaneDeps {
  readonly timers: Pick<Timers, 'after'>;
  readonly stallMs: number;
  readonly happens: (fault: keyof MemoryQueueFaults) => boolean;
}

export function createLane({ timers, stallMs, happens }: LaneDeps): Lane {
  const jobs = new Set<LaneJob>();
  const waiting: LaneJob[] = [];
  const seats = new Set<Consumer & { busy: number; isOpen: boolean }>();
  let isHeld = false;

  function add(job: NewJob): void {
    const twin = job.dedupeId === undefined ? undefined : [...jobs].find((other) => other.dedupeId === job.dedupeId);
    if (twin?.state === 'active') twin.next = job;
    if (twin) return;
    const added: LaneJob = { ...job, state: 'delayed', offers: 0, next: undefined };
    jobs.add(added);
    if (job.delayMs > 0) timers.after(job.delayMs, () => ready(added));
    else ready(added);
  }

  function ready(job: LaneJob): void {
    if (!jobs.has(job)) return;
    job.state = 'waiting';
    if (job.inFront) waiting.unshift(job);
    else waiting.push(job);
    serve();
  }

  function serve(): void {
    if (isHeld) return;
    for (const seat of seats) {
      while (seat.isOpen && seat.busy < seat.concurrency && waiting.length > 0) void run(waiting.shift()!, seat);
    }
  }

  async function run(job: LaneJob, seat: Consumer & { busy: number }): Promise<void> {
    job.state = 'active';
    seat.busy++;
    // A job never begins inside its own add.
    await Promise.resolve();
    const work = [attempt(job, seat)];
    if (happens('runTwiceAtOnce')) work.push(attempt(job, seat));
    const outcome = (await Promise.all(work))[0]!;
    seat.busy--;
    if (outcome.isForNewer) offerAgain(job);
    else if (outcome.holdMs > 0) hold(job, outcome.holdMs);
    else if (outcome.done && happens('loseCompletion')) timers.after(stallMs, () => ready(job));
    else finish(job);
    serve();
  }

  async function attempt(job: LaneJob, { handle, logger, queue }: Consumer): Promise<Outcome> {
    try {
      const answer = await handle(structuredClone(job.data));
      if (answer !== 'for-newer') return { done: true, isForNewer: false, holdMs: answer.holdMs };
      if (job.offers === 0) logger.warn({ queue }, 'job of a newer release was left alone');
      return { done: false, isForNewer: true, holdMs: 0 };
    } catch (error) {
      logger.error({ err: error, queue }, 'job failed');
      return { done: false, isForNewer: false, holdMs: 0 };
    }
  }

  function offerAgain(job: LaneJob): void {
    if (++job.offers * OFFERED_AGAIN_MS > OFFERED_FOR_MS) return finish(job);
    job.state = 'delayed';
    timers.after(OFFERED_AGAIN_MS, () => ready(job));
  }

  function hold(job: LaneJob, ms: number): void {
    isHeld = true;
    job.state = 'waiting';
    waiting.unshift(job);
    timers.after(ms, () => {
      isHeld = false;
      serve();
    });
  }

  function finish(job: LaneJob): void {
    jobs.delete(job);
    if (job.next) add(job.next);
  }

  return {
    add,
    size: () => jobs.size,
    attach(consumer) {
      const seat = { ...consumer, busy: 0, isOpen: true };
      seats.add(seat);
      serve();
      return {
        async close() {
          seat.isOpen = false;
          while (seat.busy > 0) await new Promise<void>((resolve) => void timers.after(10, resolve));
          seats.delete(seat);
        },
      };
    },
  };
}
