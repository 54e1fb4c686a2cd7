import { createMemoryDatabase, type MemoryDatabase } from '@onhook/store/memory';
import type { Draw } from './draw.js';
import type { Scheduler } from './scheduler.js';
import type { Weather } from './weather.js';

/** The one Redis of a simulated world. */
export interface SimRedis {
  readonly database: MemoryDatabase;
  isDown(): boolean;
  /** Not reachable for so long; then it is there again with all that it had. */
  goAway(ms: number): void;
  /** From now on a cut finds what was acknowledged half a second ago to a second ago. */
  watchTail(): void;
  /** Killed, and what it had acknowledged in its last moments is lost. */
  loseTail(ms: number): void;
  loseTailNow(ms: number): void;
  /** Calls whose creation was lost with a tail. */
  readonly lostCalls: ReadonlySet<string>;
}

type Kept = Pick<
  MemoryDatabase,
  'records' | 'due' | 'leases' | 'sids' | 'sidsOver' | 'index' | 'claims' | 'transcripts' | 'accounts'
>;
const KEPT = ['records', 'due', 'leases', 'sids', 'sidsOver', 'index', 'claims', 'transcripts', 'accounts'] as const;
const TAIL_MS = 1_000;

export function createSimRedis({ scheduler, draw, weather }: { scheduler: Scheduler; draw: Draw; weather: Weather }): SimRedis {
  const database = createMemoryDatabase({ now: () => Math.floor(scheduler.now()) });
  const lostCalls = new Set<string>();
  let downUntil = 0;
  let lives = 1;
  let watched: Kept[] = [];

  function goAway(ms: number): void {
    downUntil = Math.max(downUntil, scheduler.now() + ms);
  }

  function snapshot(): Kept {
    // Records are replaced whole when they change; the few counters in them may be the newer ones.
    return Object.fromEntries(KEPT.map((name) => [name, copied(database[name])])) as unknown as Kept;
  }

  function restore(kept: Kept): void {
    for (const callId of database.records.keys()) if (!kept.records.has(callId)) lostCalls.add(callId);
    for (const name of KEPT) {
      const [now, then] = [database[name], kept[name]];
      now.clear();
      if (now instanceof Set) for (const member of then.keys()) now.add(member as never);
      else for (const [key, value] of then as Map<never, never>) now.set(key, value);
    }
  }

  function cut(kept: Kept, ms: number): void {
    weather.begins('redis-tail-cut', scheduler.now() + ms);
    restore(kept);
    watched = watched.length > 0 ? [snapshot()] : [];
    database.life = { id: `life-${++lives}`, beganAt: Math.floor(scheduler.now() + ms) };
    goAway(ms);
  }

  return {
    database,
    lostCalls,
    isDown: () => scheduler.now() < downUntil,
    goAway,
    watchTail() {
      if (watched.length > 0) return;
      const look = (): void => {
        watched = [...watched.slice(-1), snapshot()];
        scheduler.after(TAIL_MS / 2, look);
      };
      look();
    },
    loseTail(ms) {
      const kept = snapshot();
      scheduler.after(draw.between(1, TAIL_MS), () => cut(kept, ms));
    },
    loseTailNow: (ms) => cut(watched[0] ?? snapshot(), ms),
  };
}

function copied(of: ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>): unknown {
  if (of instanceof Set) return new Set(of);
  return new Map(
    [...(of as ReadonlyMap<unknown, unknown>)].map(([key, value]) => [
      key,
      isMap(value) ? new Map(value) : isAccount(value) ? structuredClone(value) : value,
    ]),
  );
}

const isMap = (value: unknown): value is Map<unknown, unknown> => value instanceof Map;
const isAccount = (value: unknown): boolean => typeof value === 'object' && value !== null && 'doNotCall' in value;
