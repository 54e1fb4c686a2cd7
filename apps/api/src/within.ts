import type { Timers } from '@onhook/service';

/** Gives up waiting; the work itself may still take effect. */
export type Within = <T>(work: Promise<T>) => Promise<T>;

class StoreTooSlow extends Error {
  readonly code = 'redis-unavailable';
  constructor(withinMs: number) {
    super(`the datastore did not answer within ${withinMs} ms`);
    this.name = 'StoreTooSlow';
  }
}

/** A half-open Redis takes a command and never answers. The client still gets its 503 in time. */
export function createWithin(timers: Timers, withinMs: number): Within {
  return function within(work) {
    return new Promise((resolve, reject) => {
      const timer = timers.after(withinMs, () => reject(new StoreTooSlow(withinMs)));
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  };
}

/** It may work in a moment: Redis is away, or so many wanted one call at once that our turn did not come. */
export function isStoreUnavailable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'redis-unavailable' || error.code === 'call-contended');
}
