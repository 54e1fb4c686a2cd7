import { askRedis, serverOf } from '../../setup/resp.mjs';
import type { DemoOptions, DemoOutcome, House } from '../house.js';
import { runSoak } from '../soak/soak.js';

const READ_WITHIN_MS = 10_000;
const AT_ONCE = 40;
/** Connections, scripts, queues and what is made once: before the first weighing. */
const WARM_UP_CALLS = 100;

/**
 * How much each call that has ended leaves in Redis, everything counted but the trimmed feed: calls that run through the real processes,
 * weighed before and after.
 *
 * @param tell bytes a call
 */
export function weighFinishedCalls(calls: number, tell: (bytesPerCall: number) => void) {
  return async (house: House, options: DemoOptions): Promise<DemoOutcome> => {
    await runSoak({ calls: Math.min(WARM_UP_CALLS, calls), atOnce: AT_ONCE })(house, options);
    const before = await weigh(house);
    await runSoak({ calls, atOnce: AT_ONCE })(house, options);
    const after = await weigh(house);
    const bytesPerFinishedCall = Math.round((after - before) / calls);
    tell(bytesPerFinishedCall);
    options.print(`${bytesPerFinishedCall} bytes for each of ${calls} finished calls`);
    return { passed: true, report: { bytesPerFinishedCall, calls } };
  };
}

/** `used_memory` without the feeds, which are trimmed and so grow no more than once. */
async function weigh({ redisUrl, redisPrefix }: House): Promise<number> {
  const ask = (...command: string[]): Promise<unknown> => askRedis(serverOf(redisUrl), [command], READ_WITHIN_MS);
  const used = Number(/used_memory:(\d+)/.exec(String(await ask('INFO', 'memory')))?.[1]);
  const weights: (number | null)[] = [];
  for (const shard of 'abcdefghijklmnop') {
    weights.push((await ask('MEMORY', 'USAGE', `${redisPrefix}:{${shard}}:feed`, 'SAMPLES', '0')) as number | null);
  }
  return used - weights.reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
}
