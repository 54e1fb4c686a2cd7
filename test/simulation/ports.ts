import { StoreUnavailable } from '@onhook/store';
import type { MemoryFaults } from '@onhook/store/memory';
import type { Draw } from './draw.js';
import type { Scheduler } from './scheduler.js';
import type { Kind, SimProcess } from './sim-process.js';
import type { Weather } from './weather.js';

/** Kill or freeze whichever process of that kind is the next to come by, right before or after a call through a port. */
export interface CrashPoint {
  readonly kind: Kind;
  /** As in `FAILPOINTS`: `calls.apply(dial-started):after`. */
  readonly place: string;
  /** `cut`: Redis dies at that moment and forgets its last second. */
  readonly act: 'kill' | 'freeze' | 'cut';
  readonly freezeMs: number;
}

export interface PortsDeps {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  readonly weather: Weather;
  readonly isRedisDown: () => boolean;
  /** The points that are armed; one that was reached is taken out. */
  readonly armed: CrashPoint[];
  readonly strike: (process: SimProcess, point: CrashPoint) => void;
  /** The slot of the account, where all of admission lies, has lost its master. */
  readonly isAccountAway: () => boolean;
}

export interface Ports {
  /** What can happen to this process between two commands to Redis. */
  storeFaults(process: SimProcess): MemoryFaults;
  /** Every call through it may be the last that the process makes, or be answered late, or not. */
  wrap<P extends object>(process: SimProcess, name: string, port: P, options?: { redis?: boolean }): P;
  isRedisDownFor(process: SimProcess): boolean;
}

const COMMAND_TIMEOUT_MS = 1_500;
/** Redis' own reply-lost fault stands at the commit; these answer it here. */
const COMMITS_ITSELF = new Set(['create', 'apply']);
const OF_THE_ACCOUNT = new Set(['admission', 'places', 'control']);

export function createPorts({ scheduler, draw, weather, isRedisDown, armed, strike, isAccountAway }: PortsDeps): Ports {
  const isRedisDownFor = (process: SimProcess): boolean => isRedisDown() || process.cut.redis;

  function reach(
    process: SimProcess,
    name: string,
    method: string,
    args: readonly unknown[],
    when: 'before' | 'after',
  ): Promise<void> | null {
    if (armed.length > 0) {
      const place = `${name}.${method}${detailOf(args)}:${when}`;
      const at = armed.findIndex((point) => point.kind === process.kind && point.place === place);
      if (at >= 0) strike(process, armed.splice(at, 1)[0]!);
    }
    return process.isAlive() && !process.isFrozen() ? null : process.gate();
  }

  return {
    isRedisDownFor,

    storeFaults(process) {
      return {
        isDown: () => isRedisDownFor(process),
        conflicts: () => weather.strikes('redis-conflict', { process: process.name }),
        losesReply: () => weather.strikes('redis-reply-lost', { process: process.name }),
        async betweenSteps() {
          if (!process.isAlive() || process.isFrozen()) await process.gate();
          const slow = weather.strikes('redis-slow', { process: process.name }) ? draw.between(100, 1_200) : 0;
          // What was sent is carried out, also if the sender freezes or dies meanwhile.
          await scheduler.delay(draw.between(0.2, 3) + slow);
          // A connection that is refused says so at once; one that is half open says nothing until the command times out.
          if (isRedisDownFor(process) && draw.happens(0.4)) await scheduler.delay(COMMAND_TIMEOUT_MS);
        },
      };
    },

    wrap(process, name, port, { redis = false } = {}) {
      const wrapped = Object.entries(port).map(([method, value]) => {
        if (typeof value !== 'function') return [method, value] as const;
        const run = value as (...args: unknown[]) => unknown;
        return [
          method,
          async (...args: unknown[]): Promise<unknown> => {
            const waits = reach(process, name, method, args, 'before');
            if (waits) await waits;
            if (OF_THE_ACCOUNT.has(name) && isAccountAway()) throw new StoreUnavailable('its slot has no master');
            let answer: unknown;
            try {
              answer = await run(...args);
            } finally {
              // Whatever came back, it came to a process that can hear it.
              if (!process.isAlive() || process.isFrozen()) await process.gate();
            }
            const caught = reach(process, name, method, args, 'after');
            if (caught) await caught;
            if (redis && !COMMITS_ITSELF.has(method) && weather.strikes('redis-reply-lost', { process: process.name })) {
              throw new StoreUnavailable('the answer was lost');
            }
            return answer;
          },
        ] as const;
      });
      return Object.fromEntries(wrapped) as typeof port;
    },
  };
}

function detailOf(args: readonly unknown[]): string {
  for (const arg of args) {
    const { type, queue } = Object(arg) as { type?: unknown; queue?: unknown };
    if (typeof type === 'string') return `(${type})`;
    if (typeof queue === 'string') return `(${queue})`;
  }
  return '';
}
