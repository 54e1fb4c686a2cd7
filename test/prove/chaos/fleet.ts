import { readFileSync } from 'node:fs';
import { startProgram, type Program, type ProgramSpec } from '@onhook/onhook';
import { systemClock, systemTimers } from '@onhook/service';
import type { TcpProxy } from '../../tcp-proxy.js';
import type { ProcessLine } from '../evidence.js';

/** One process of ours, in its place: same port, same settings, whatever becomes of it. */
export interface Post {
  readonly who: string;
  readonly kind: 'api' | 'dialer' | 'gateway' | 'hangup';
  /** Its way to Redis. */
  readonly line: TcpProxy;
  readonly isUp: boolean;
  readonly isBusy: boolean;
  /** SIGKILL, and a new one after `downMs`. */
  kill(downMs: number): Promise<void>;
  /** SIGSTOP for so long; then it goes on as if nothing had been. */
  freeze(forMs: number): Promise<void>;
  /** SIGTERM, and a new one when it has gone. */
  restart(): Promise<void>;
  /** A new one that is to die (or freeze) at a failpoint. Resolves once it did and stands again; false: it never came there. */
  dieAt(place: string, withinMs: number): Promise<false | { diedAt: number }>;
  /** The last stop: resolves when it has gone. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const MOST_STARTS = 40;
const START_AGAIN_AFTER_MS = 500;

/** @param tell hears how each process ended */
export async function startPost(
  who: string,
  spec: ProgramSpec<Post['kind']>,
  line: TcpProxy,
  tell: (line: ProcessLine) => void,
): Promise<Post> {
  let generation = 0;
  const start = (env: NodeJS.ProcessEnv = {}): Promise<Program> =>
    startProgram(
      { ...spec, env: { ...spec.env, ...env }, logFile: spec.logFile.replace(/\.log$/, `-${++generation}.log`) },
      { timers: systemTimers, readyWithinMs: READY_WITHIN_MS, signal: new AbortController().signal },
    );
  let program = await start();
  let isUp = true;
  let isBusy = false;

  const told = async (asked: boolean): Promise<void> => {
    const { code, signal } = await program.exited;
    isUp = false;
    tell({ who, at: systemClock.now(), asked, code, signal, openSockets: asked ? leftOpen(program.logFile) : 0 });
  };
  async function alone(what: () => Promise<void>): Promise<void> {
    isBusy = true;
    try {
      await what();
    } finally {
      isBusy = false;
    }
  }
  /** As a supervisor does: what cannot start, because Redis is away, is started again. */
  async function rise(env?: NodeJS.ProcessEnv): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        program = await start(env);
        isUp = true;
        return;
      } catch (error) {
        if (tries === MOST_STARTS) throw error;
        await systemTimers.sleep(START_AGAIN_AFTER_MS);
      }
    }
  }
  async function end(): Promise<void> {
    await program.stop();
    await told(true);
  }

  return {
    who,
    kind: spec.name,
    line,
    get isUp() {
      return isUp;
    },
    get isBusy() {
      return isBusy;
    },
    kill: (downMs) =>
      alone(async () => {
        program.kill();
        await told(false);
        await systemTimers.sleep(downMs);
        await rise();
      }),
    freeze: (forMs) =>
      alone(async () => {
        process.kill(program.pid, 'SIGSTOP');
        await systemTimers.sleep(forMs);
        process.kill(program.pid, 'SIGCONT');
      }),
    restart: () =>
      alone(async () => {
        await end();
        await rise();
      }),
    async dieAt(place, withinMs) {
      let diedAt: number | null = null;
      await alone(async () => {
        await end();
        await rise({ FAILPOINTS: `${place}=kill` });
        const how = await Promise.race([program.exited, systemTimers.sleep(withinMs)]);
        if (how) {
          diedAt = systemClock.now();
          await told(false);
        } else await end();
        await rise();
      });
      return diedAt === null ? false : { diedAt };
    },
    async stop() {
      await end();
    },
  };
}

/** What a process had open when it said goodbye; 0 where it could not. */
function leftOpen(logFile: string): number {
  const last = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  try {
    return ((JSON.parse(last) as { open?: string[] }).open ?? []).length;
  } catch {
    return 0; // it was killed in the middle of a line
  }
}
