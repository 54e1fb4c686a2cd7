import type { JobType, Wake } from '@onhook/contracts';

export interface Producer {
  /** Adds one job. Rejects within about 2 s when Redis is away or half-open; a rejected add may still have happened. */
  add<P>(job: JobType<P>, payload: P, options?: { delayMs?: number; dedupeId?: string }): Promise<void>;
  close(): Promise<void>;
}

/** Rejecting is logged by the worker; the record's deadline repeats the round. Safe to be run twice, also at the same time. */
export type JobHandler<P> = (payload: P) => Promise<JobAnswer | void>;

/** Hold the whole queue for a while: the account as a whole has to wait. The job comes back. */
export interface JobAnswer {
  readonly holdQueueMs: number;
}

export interface Worker {
  /** Takes no new job, waits for the running ones. */
  close(): Promise<void>;
}

/** Performs the wakes among a transition's effects; anything else is left alone. */
export type Waker = (wakes: readonly Wake[]) => Promise<void>;
