import { JOB, SHARD, type Sample } from './samples.js';

export interface SoakVerdict {
  /** How the calls ended, by cause. */
  readonly endings: Readonly<Record<string, number>>;
  /** Growth with every thousand calls after the warm-up, by process. Null: too few calls to tell, or unknown. */
  readonly rssSlopeMbPer1000: Readonly<Record<string, number | null>>;
  readonly heapSlopeMbPer1000: number | null;
  /** After the first round, and after the last. */
  readonly gatewayDescriptors: readonly [number | null, number | null];
  readonly gatewayHandles: readonly [Readonly<Record<string, number>>, Readonly<Record<string, number>>];
  readonly redisKeys: readonly [Readonly<Record<string, number>>, Readonly<Record<string, number>>];
  /** In words; nothing: it passed. */
  readonly failed: readonly string[];
}

/** Of the gateway, after the warm-up. */
const MOST_MB_PER_1000 = 1;
/** The first calls fill caches and compile code. */
const WARM_UP_SHARE = 0.3;
/** With fewer calls after the warm-up the noise of a process is more than what its calls could leave behind. */
const FEWEST_FOR_A_SLOPE = 600;
/** A connection of a pool that was opened anew, a request for the metrics. */
const FEW = 3;
/** Other processes keep HTTP connections for a next request: at most as many as were ever needed at once. */
const POOLED = 40;
/** A connection that is kept for a next request closes when it closes: of so many looks the one with the fewest counts. */
const LOOKS = 3;
/** These ends are the scene's. Of other ends a busy machine may make a few. */
const EXPECTED = new Set(['agent-ended-call', 'callee-hung-up']);
const MOST_OTHER_ENDS = 0.1;
/** One for each shard that has one: not one may be left where no call is. Of the others there are as many as shards in use. */
const LIVE_ONLY = ['due', 'leases'];
/** The queues keep so many finished jobs, for an hour. */
const MOST_JOBS = 5_000;

export function judgeSoak(samples: readonly Sample[], endings: Readonly<Record<string, number>>): SoakVerdict {
  const [first, last] = [samples[0]!, samples.at(-1)!];
  const warm = samples.filter(({ calls }) => calls >= last.calls * WARM_UP_SHARE);
  const slopeOf = (read: (sample: Sample) => number | null | undefined): number | null => {
    const points = warm.flatMap((sample) => {
      const y = read(sample);
      return typeof y === 'number' ? [{ x: sample.calls / 1_000, y }] : [];
    });
    const isEnough = (warm.at(-1)?.calls ?? 0) - (warm[0]?.calls ?? 0) >= FEWEST_FOR_A_SLOPE && points.length >= 4;
    return isEnough ? Math.round(slope(points) * 100) / 100 : null;
  };
  const rssSlopeMbPer1000 = Object.fromEntries(
    Object.keys(last.rssMb).map((name) => [name, slopeOf(({ rssMb }) => rssMb[name])]),
  );

  const failed: string[] = [];
  const others = Object.entries(endings).filter(([cause]) => !EXPECTED.has(cause));
  if (others.reduce((sum, [, count]) => sum + count, 0) > last.calls * MOST_OTHER_ENDS)
    failed.push(`not of the scene: ${others.map(([cause, count]) => `${count} calls ended as ${cause}`).join(', ')}`);
  const grown = rssSlopeMbPer1000['gateway'];
  if (typeof grown === 'number' && grown >= MOST_MB_PER_1000) failed.push(`the gateway grows by ${grown} MB per 1000 calls`);
  const fewest = (some: readonly Sample[], read: (sample: Sample) => number | null | undefined): number =>
    Math.min(...some.map((sample) => read(sample) ?? 0));
  const more = (what: string, read: (sample: Sample) => number | null | undefined, by = FEW): void => {
    const [before, after] = [fewest(samples.slice(0, LOOKS), read), fewest(samples.slice(-LOOKS), read)];
    if (after > before + by) failed.push(`${what}: ${before} after the first rounds, ${after} after the last`);
  };
  for (const name of Object.keys(last.descriptors))
    more(`descriptors of ${name}`, ({ descriptors }) => descriptors[name], name === 'gateway' ? FEW : POOLED);
  for (const type of Object.keys(last.gateway.handles)) more(`${type} of the gateway`, ({ gateway }) => gateway.handles[type]);
  for (const [kind, count] of Object.entries(last.keys)) {
    if (kind.endsWith(JOB)) {
      if (count > MOST_JOBS) failed.push(`${count} keys ${kind} in Redis`);
    } else if (!kind.includes(SHARD)) more(`keys ${kind} in Redis`, ({ keys }) => keys[kind]);
    else if (LIVE_ONLY.some((name) => kind.endsWith(`:${name}`))) failed.push(`${count} keys ${kind} in Redis, and no call`);
  }

  return {
    endings,
    rssSlopeMbPer1000,
    heapSlopeMbPer1000: slopeOf(({ gateway }) => gateway.heapMb),
    gatewayDescriptors: [first.descriptors['gateway'] ?? null, last.descriptors['gateway'] ?? null],
    gatewayHandles: [first.gateway.handles, last.gateway.handles],
    redisKeys: [first.keys, last.keys],
    failed,
  };
}

/** Of the line with the least squares. */
function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (read: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + read(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const above = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  const below = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
