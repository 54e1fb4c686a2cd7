import { createHash } from 'node:crypto';
import type { Logger } from '@onhook/service';
import type { Call } from '@onhook/call';
import { createMemoryStore } from '@onhook/store/memory';
import type { TimelineEntry } from '@onhook/store';
import { drawCallee } from './carrier/callee.js';
import { createDraw } from './draw.js';
import { AT_LEAST_MS, CALM_FROM_MS, drawPlan, type Plan } from './plan.js';
import { startTrouble } from './trouble.js';
import { startUsers, type WishLog } from './users.js';
import { createWorld, type World } from './world.js';

/** A call as the store has it at the end. */
export interface KeptCall {
  readonly call: Call;
  readonly timeline: readonly TimelineEntry[];
}

/** All that the judge may look at. */
export interface Run {
  readonly seed: number;
  readonly plan: Plan;
  readonly world: World;
  readonly wishes: readonly WishLog[];
  readonly kept: ReadonlyMap<string, KeptCall>;
  readonly traceHash: string;
  readonly endedAt: number;
}

/** After the last fault: a wake that was lost again and again comes after a quarter of an hour, and a conversation may follow. */
const LIVENESS_BOUND_MS = 22 * 60_000;
/** For what comes after the last end: sockets, the last jobs. */
const AFTERWARDS_MS = 20_000;
const LOOK_EVERY_MS = 5_000;

export interface SeedOptions {
  readonly loggerOf?: (process: string, now: () => number) => Logger;
  /** In place of the plan that the seed draws. */
  readonly changePlan?: (plan: Plan) => Plan;
}

export async function runSeed(seed: number, { loggerOf, changePlan = (plan) => plan }: SeedOptions = {}): Promise<Run> {
  const planned = changePlan(
    drawPlan(
      seed,
      createDraw(seed, 'plan', () => 0),
    ),
  );
  const kinds = new Map(planned.wishes.map(({ to, callee }) => [to, callee]));
  const callees = createDraw(seed, 'callees', () => 0);
  const world = createWorld({
    seed,
    calleeOf: (to) => drawCallee(kinds.get(to) ?? 'talker', callees),
    ...(loggerOf && { loggerOf }),
  });
  const { scheduler, redis, beganAt } = world;
  await world.start();
  const users = startUsers(world, planned.wishes, createDraw(seed, 'users', scheduler.now));
  startTrouble(world, planned, createDraw(seed, 'trouble', scheduler.now));

  await scheduler.run(beganAt + AT_LEAST_MS);
  if (planned.mode !== 'safety') {
    const giveUpAt = beganAt + CALM_FROM_MS + LIVENESS_BOUND_MS;
    while (scheduler.now() < giveUpAt && !(users.isDone() && isAllOver(world)))
      await scheduler.run(scheduler.now() + LOOK_EVERY_MS);
    await scheduler.run(scheduler.now() + AFTERWARDS_MS);
  }
  const endedAt = scheduler.now();
  const kept = await keptCalls(world);
  return { seed, plan: planned, world, wishes: users.logs, kept, traceHash: hashOf(world, kept), endedAt };

  function isAllOver({ switchboard }: World): boolean {
    for (const { state } of redis.database.records.values()) if (state !== 'ended') return false;
    for (const { endedAt: at } of switchboard.legs.values()) if (at === null) return false;
    return true;
  }
}

async function keptCalls({ redis }: World): Promise<Map<string, KeptCall>> {
  const { calls } = createMemoryStore({ database: redis.database, chance: createDraw(1, 'judge', () => 0) });
  const kept = new Map<string, KeptCall>();
  for (const callId of redis.database.records.keys()) {
    const loaded = await calls.load(callId);
    if (loaded) kept.set(callId, { call: loaded.call, timeline: await calls.timeline(callId) });
  }
  return kept;
}

/** Everything that the outside saw, and everything that was written: two runs that differ anywhere differ here. */
function hashOf({ ledger, weather, scheduler, provider }: World, kept: ReadonlyMap<string, KeptCall>): string {
  const hash = createHash('sha256');
  for (const part of [ledger.entries, weather.hits, provider.sessions, [...kept.values()], scheduler.count()])
    hash.update(JSON.stringify(part));
  return hash.digest('hex').slice(0, 16);
}
