import type { Clock, Logger, ServiceScope, Timer, Timers } from '@onhook/service';
import type { Scheduler } from './scheduler.js';

export const KINDS = ['api', 'dialer', 'gateway', 'hangup'] as const;
export type Kind = (typeof KINDS)[number];

/** What the kernel and the network of a simulated machine do to one process of ours. */
export interface SimProcess {
  /** `gateway-2/3`: slot 2, third life. */
  readonly name: string;
  readonly kind: Kind;
  readonly slot: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  /** For `serveJobs` and the like. */
  readonly scope: Pick<ServiceScope, 'onStop' | 'stop' | 'stopping'>;
  /** Something arrives: it runs now, or when the process thaws, or never if it is dead. */
  deliver(run: () => void): void;
  /** Goes on when the process can: at once, after a freeze, or never. */
  gate(): Promise<void>;
  isAlive(): boolean;
  isFrozen(): boolean;
  /** Neither dead nor frozen nor on its way out. */
  isServing(): boolean;
  /** It goes nowhere any more: SIGKILL. What it had open the kernel closes. */
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** SIGTERM: what it opened last is closed first; then it is gone. */
  stop(): Promise<void>;
  onDeath(run: () => void): void;
  readonly cut: { redis: boolean; carrier: boolean };
}

export interface SimProcessDeps {
  readonly name: string;
  readonly kind: Kind;
  readonly slot: number;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** How far the wall clock of its machine is off. */
  readonly skewMs: number;
}

const NEVER = new Promise<never>(() => {});

export function createSimProcess({ name, kind, slot, scheduler, logger, skewMs }: SimProcessDeps): SimProcess {
  let state: 'alive' | 'dead' = 'alive';
  let isFrozen = false;
  let isStopping = false;
  const backlog: (() => void)[] = [];
  const atDeath: (() => void)[] = [];
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const stopping = new AbortController();
  const bornAt = scheduler.now();

  function deliver(run: () => void): void {
    if (state === 'dead') return;
    // Behind what waits already: an event loop that comes back finds everything in its order.
    if (isFrozen || backlog.length > 0) backlog.push(run);
    else run();
  }

  function after(ms: number, run: () => void): Timer {
    let isCanceled = false;
    const timer = scheduler.after(ms, () =>
      deliver(() => {
        if (!isCanceled) run();
      }),
    );
    return {
      cancel() {
        isCanceled = true;
        timer.cancel();
      },
    };
  }

  const timers: Timers = {
    after,
    every(ms, run) {
      let timer: Timer;
      const tick = (): void => {
        timer = after(ms, tick);
        run();
      };
      timer = after(ms, tick);
      return { cancel: () => timer.cancel() };
    },
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const done = (): void => {
          timer.cancel();
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = after(ms, done);
        signal?.addEventListener('abort', done, { once: true });
      });
    },
  };

  function die(): void {
    if (state === 'dead') return;
    state = 'dead';
    backlog.length = 0;
    for (const run of atDeath.splice(0).toReversed()) run();
  }

  return {
    name,
    kind,
    slot,
    clock: { now: () => Math.floor(scheduler.now() + skewMs), monotonicMs: () => scheduler.now() - bornAt },
    timers,
    logger,
    scope: {
      stopping: stopping.signal,
      onStop: (_what, close) => void closers.push(close),
      // A process that gives itself up is ended by its supervisor.
      stop: die,
    },
    deliver,
    gate() {
      if (state === 'dead') return NEVER;
      return isFrozen ? new Promise((resolve) => void backlog.push(resolve)) : Promise.resolve();
    },
    isAlive: () => state === 'alive',
    isFrozen: () => isFrozen,
    isServing: () => state === 'alive' && !isFrozen && !isStopping,
    kill: die,
    freeze: () => void (isFrozen = true),
    thaw() {
      isFrozen = false;
      // One after another, each with its consequences, as an event loop would find them.
      const next = (): void => {
        if (isFrozen || state === 'dead') return;
        const run = backlog.shift();
        if (!run) return;
        run();
        if (backlog.length > 0) scheduler.after(0, next);
      };
      next();
    },
    async stop() {
      if (isStopping) return;
      isStopping = true;
      stopping.abort();
      for (const close of closers.toReversed()) {
        try {
          await close();
        } catch (error) {
          logger.error({ err: error }, 'could not be closed');
        }
        await (state === 'dead' ? NEVER : Promise.resolve());
      }
      die();
    },
    onDeath(run) {
      if (state === 'dead') run();
      else atDeath.push(run);
    },
    cut: { redis: false, carrier: false },
  };
}
