import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Timers } from '@onhook/service';
import type { ProgramSpec } from './programs.js';

export interface Program<Name extends string = string> {
  readonly name: Name;
  readonly pid: number;
  readonly logFile: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hasExited: boolean;
  /** Resolves when the process has ended, however it did. */
  readonly exited: Promise<ProgramExit>;
  /** SIGTERM, and SIGKILL to its whole group after `withinMs`, or its own limit. Resolves when it is gone. */
  stop(withinMs?: number): Promise<void>;
  kill(): void;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that ended, or stayed silent, before it was ready. */
export class ProgramFailed extends Error {
  readonly code = 'program-failed';
  constructor(
    readonly program: string,
    what: string,
    readonly logFile: string,
  ) {
    super(`${program} ${what}`);
    this.name = 'ProgramFailed';
  }
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches only the launcher, and with a pipe between the two:
 * over it the program says that it is ready, and by its closing it learns that the launcher was killed.
 */
export async function startProgram<Name extends string>(
  spec: ProgramSpec<Name>,
  { timers, readyWithinMs, signal }: { timers: Timers; readyWithinMs: number; signal: AbortSignal },
): Promise<Program<Name>> {
  mkdirSync(path.dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'w');
  const [file, ...args] = spec.command;
  const child = spawn(file, args, { cwd: spec.cwd, env: spec.env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);

  let exit: ProgramExit | undefined;
  const exited = new Promise<ProgramExit>((resolve) => {
    const ended = (code: number | null, signalName: NodeJS.Signals | null): void =>
      resolve((exit = { code, signal: signalName }));
    child.once('exit', ended);
    child.once('error', () => child.pid === undefined && ended(127, null));
  });
  const kill = (): void => signalGroup(child.pid, 'SIGKILL');

  // Whoever starts programs again and again does so under one signal: none may leave its listener behind.
  const settled = new AbortController();
  const facts = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const fail = (what: string): void => reject(new ProgramFailed(spec.name, what, spec.logFile));
    const timer = timers.after(readyWithinMs, () => fail(`was not ready within ${readyWithinMs / 1000} s`));
    const stopped = (): void => fail('was stopped before it was ready');
    signal.addEventListener('abort', stopped, { once: true, signal: settled.signal });
    if (signal.aborted) stopped();
    child.on('message', (message) => {
      if (!isReady(message)) return;
      timer.cancel();
      const { type: _type, name: _name, ...rest } = message;
      resolve(rest);
    });
    void exited.then(({ code, signal: by }) => {
      timer.cancel();
      fail(`ended before it was ready (${by ?? `exit code ${code}`})`);
    });
  })
    .catch((error: unknown) => {
      kill();
      throw error;
    })
    .finally(() => settled.abort());

  return {
    name: spec.name,
    pid: child.pid ?? 0,
    logFile: spec.logFile,
    facts,
    get hasExited() {
      return exit !== undefined;
    },
    exited,
    kill,
    async stop(withinMs = spec.stopWithinMs) {
      if (!exit) {
        signalGroup(child.pid, 'SIGCONT'); // a frozen process would never see the next one
        child.kill('SIGTERM');
        const tooLate = timers.after(withinMs, kill);
        await exited;
        tooLate.cancel();
      }
      kill(); // what it may have left in its group
    },
  };
}

/** The last lines that a program wrote, for a user who has to find out why it failed. */
export function lastLines(logFile: string, count = 15): string[] {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
  } catch (error) {
    return [`(its log cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`];
  }
}

function isReady(message: unknown): message is { type: 'ready'; name?: unknown } & Record<string, unknown> {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
