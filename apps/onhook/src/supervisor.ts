import type { Timers } from '@onhook/service';
import { ProgramFailed, startProgram, type Program } from './program.js';
import type { ProgramSpec } from './programs.js';

/** Something that is no program of ours but must live as long as they do: Redis under its guard. */
export interface Resource {
  readonly name: string;
  readonly logFile: string;
  /** Resolves when it has ended, however it did. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface Supervisor {
  /** Programs of one call start side by side; resolves when all are ready, rejects with `ProgramFailed` if one is not. */
  start<Name extends string>(...specs: readonly ProgramSpec<Name>[]): Promise<Program<Name>[]>;
  add(resource: Resource): void;
  /** Rejects with `ProgramFailed` when something ended although nobody asked it to. Never resolves. */
  readonly died: Promise<never>;
  /** What was started last is stopped first, each batch side by side. Safe to call again. */
  stopAll(): Promise<void>;
}

export interface SupervisorDeps {
  readonly timers: Timers;
  /** Every program is killed at once when this aborts. */
  readonly force: AbortSignal;
  readonly readyWithinMs: number;
  /** Instead of each program's own limit. */
  readonly stopWithinMs?: number;
}

export function createSupervisor({ timers, force, readyWithinMs, stopWithinMs }: SupervisorDeps): Supervisor {
  const closers: (() => Promise<unknown>)[] = [];
  const starting = new Set<Promise<unknown>>();
  const running: Program[] = [];
  const closing = new AbortController();
  let whole: Promise<void> | undefined;
  let tellDied: (error: ProgramFailed) => void = () => {};
  const died = new Promise<never>((_, reject) => (tellDied = reject));
  died.catch(() => {}); // whoever watches hears of it; nobody need watch

  force.addEventListener('abort', () => running.forEach((program) => program.kill()), { once: true });

  function watch(name: string, logFile: string, exited: Promise<string>): void {
    void exited.then(
      (how) => closing.signal.aborted || tellDied(new ProgramFailed(name, `ended unexpectedly (${how})`, logFile)),
    );
  }

  async function closeAll(): Promise<void> {
    closing.abort();
    await Promise.allSettled(starting);
    for (const close of closers.reverse()) await close();
  }

  return {
    died,
    async start<Name extends string>(...specs: readonly ProgramSpec<Name>[]) {
      const batch: Program<Name>[] = [];
      closers.push(() => Promise.all(batch.map((program) => program.stop(stopWithinMs))));
      const starts = specs.map(async (spec) => {
        const program = await startProgram(spec, { timers, readyWithinMs, signal: closing.signal });
        batch.push(program);
        running.push(program);
        const how = program.exited.then(({ code, signal }) => signal ?? `exit code ${code}`);
        watch(program.name, program.logFile, how);
        return program;
      });
      for (const one of starts) {
        starting.add(one);
        void one.catch(() => {}).then(() => starting.delete(one));
      }
      return Promise.all(starts);
    },
    add(resource) {
      closers.push(() => resource.stop());
      const how = resource.exited.then(() => 'see its log');
      watch(resource.name, resource.logFile, how);
    },
    stopAll() {
      return (whole ??= closeAll());
    },
  };
}
