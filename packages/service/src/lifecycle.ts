import { ConfigError } from './config.js';
import type { Logger } from './logger.js';

export interface ServiceScope {
  /** Registers what must be closed. Opened last, closed first. */
  onStop(what: string, close: () => Promise<unknown> | unknown): void;
  /** What must not wait for an orderly stop when an error was caught by nobody: it comes first, and has 5 s. */
  lastResort(what: string, end: () => Promise<unknown> | unknown): void;
  /** Tells whoever started this process (the launcher, over its pipe) that it serves, and where. */
  ready(facts: Record<string, unknown>): void;
  /** Asks for an orderly stop from inside, as a signal would. */
  stop(why: string, exitCode?: number): void;
  /** Aborted as soon as a stop begins. */
  readonly stopping: AbortSignal;
}

/** A starter that was killed leaves no process behind for longer than 5 s, however long an orderly stop may otherwise take. */
const ALONE_WITHIN_MS = 4_000;
/** A process that has met an error of unknown reach can be trusted with little, and not for long. */
const LAST_RESORT_WITHIN_MS = 5_000;
const LOST_STOPS_WITHIN_MS = 10_000;

/**
 * Runs one process from start to exit. SIGTERM, SIGINT, SIGHUP and a starter that went away begin an orderly stop within
 * `stopWithinMs`; a second signal forces it. An error that nobody caught ends the process with 1, after its last resorts and the same
 * orderly stop.
 */
export async function runService(
  {
    name,
    logger,
    stopWithinMs,
    lostStopsWithinMs = LOST_STOPS_WITHIN_MS,
  }: { name: string; logger: Logger; stopWithinMs: number; lostStopsWithinMs?: number },
  start: (scope: ServiceScope) => Promise<void>,
): Promise<void> {
  const closers: { what: string; close: () => Promise<unknown> | unknown }[] = [];
  const lastResorts: { what: string; end: () => Promise<unknown> | unknown }[] = [];
  const aborter = new AbortController();
  let exitCode = 0;
  let isLost = false;

  const stop = (why: string, code = 0, withinMs = stopWithinMs): void => {
    if (aborter.signal.aborted) {
      if (why.startsWith('SIG')) {
        logger.warn({ why }, 'stop was forced');
        process.exit(exitCode || 1);
      }
      return;
    }
    exitCode ||= code;
    aborter.abort();
    logger.info({ why }, `${name} began to stop`);
    const tooLate = breakOffAfter(withinMs);
    void closeAll().then(async () => {
      clearTimeout(tooLate);
      logger.info({ exitCode, open: await stillOpen() }, `${name} stopped`);
      process.exit(exitCode);
    });
  };

  function breakOffAfter(withinMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      logger.error({ withinMs, open: process.getActiveResourcesInfo() }, 'stop took too long');
      process.exit(1);
    }, withinMs);
  }

  async function closeAll(): Promise<void> {
    for (const { what, close } of closers.reverse()) {
      try {
        await close();
      } catch (error) {
        exitCode ||= 1;
        logger.error({ err: error, what }, 'could not be closed');
      }
    }
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  // The launcher holds the other end of this pipe: if it is killed without a word, the pipe closes and so do we.
  // Its Redis goes with it, so there is nothing to wait long for, and nobody is left to force us.
  if (process.channel) {
    process.once('disconnect', () => {
      setTimeout(() => process.exit(1), ALONE_WITHIN_MS).unref();
      stop('the starter went away');
    });
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop('the log could not be written'));
  process.on('uncaughtException', (error) => lose(error, 'uncaught error'));
  process.on('unhandledRejection', (error) => lose(error, 'unhandled rejection'));

  /** What it has done to the state of this process nobody knows: first what others depend on, then the stop. */
  function lose(error: unknown, why: string): void {
    logger.fatal({ err: error }, why);
    // Also if a stop is under way: its patience is for healthy work.
    if (isLost) return;
    isLost = true;
    exitCode = 1;
    const withinMs = Math.min(stopWithinMs, lostStopsWithinMs);
    // A stop that is under way has the long limit of healthy work: whichever of the two ends first counts.
    void runLastResorts().then(() => (aborter.signal.aborted ? void breakOffAfter(withinMs) : stop(why, 1, withinMs)));
  }

  async function runLastResorts(): Promise<void> {
    const all = lastResorts.map(async ({ what, end }) => {
      try {
        await end();
      } catch (failure) {
        logger.error({ err: failure, what }, 'last resort failed');
      }
    });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_RESORT_WITHIN_MS)));
    await Promise.race([Promise.all(all), tooLate]);
    clearTimeout(timer);
  }

  try {
    await start({
      onStop: (what, close) => closers.push({ what, close }),
      lastResort: (what, end) => lastResorts.push({ what, end }),
      ready: (facts) => {
        logger.info({ ...facts }, `${name} is ready`);
        if (process.connected) process.send?.({ type: 'ready', name, ...facts });
      },
      stop,
      stopping: aborter.signal,
    });
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${name}: ${error.message}\n`);
    else logger.fatal({ err: error }, `${name} could not start`);
    stop('start failed', 1);
  }
}

/** A socket that was destroyed is gone a moment later. */
const CLOSES_WITHIN_MS = 150;

/** What an orderly stop should have closed and did not: sockets, servers, files. Timers end with the process and hold nobody. */
async function stillOpen(): Promise<string[]> {
  const open = (): string[] =>
    process.getActiveResourcesInfo().filter((what) => /^(TCP|TLS|UDP|FS|Pipe(Connect|Server))/.test(what));
  for (let waitedMs = 0; open().length > 0 && waitedMs < CLOSES_WITHIN_MS; waitedMs += 10)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return open();
}

/** For `main.ts`: mistakes in the configuration are all named at once on standard error, and the process ends with 1. */
export function configOrExit<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exit(1);
  }
}
