import { Cluster, type Redis } from 'ioredis';
import { WEAKNESSES, type Durability, type Weakness } from '../../durability.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

export interface RedisFacts {
  readonly version: string;
  /** Changes at every restart of the server. Of the first primary in a cluster. */
  readonly runId: string;
  /** What works but puts accepted calls at risk, and was accepted; a sentence each. */
  readonly warnings: readonly string[];
}

export interface CheckOptions {
  /** As in the store's own options; without it (a process that accepts and dials nothing) nothing is said about replicas. */
  readonly waitReplicas?: number;
  /** What has been said aloud. Default: nothing weaker than what the promise needs. */
  readonly accepts?: Durability;
}

/** This Redis would lose or evict calls, or lacks a command that we need. */
export class RedisUnfit extends Error {
  readonly code = 'redis-unfit';
  constructor(readonly problems: readonly string[]) {
    super(`This Redis cannot be used: ${problems.join('; ')}`);
    this.name = 'RedisUnfit';
  }
}

/**
 * Looks at each primary before anything is written. By INFO, which managed services allow where they forbid CONFIG.
 *
 * @throws RedisUnfit naming everything at once: what cannot work, and what puts accepted calls at risk without having been accepted;
 * StoreUnavailable
 */
export async function checkRedis(redis: RedisClient, { waitReplicas, accepts = [] }: CheckOptions = {}): Promise<RedisFacts> {
  const nodes: (Redis | RedisClient)[] = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const infos = await Promise.all(nodes.map(async (node) => parseInfo(await ask(() => node.info()))));
  const problems = new Set(infos.flatMap(problemsOf));
  const weak = new Set((await Promise.all(nodes.map((node, i) => weaknessesOf(node, infos[i] ?? {})))).flat());
  // A sentinel's primary is known by its replicas: one without any has nobody to fail over to.
  const canFailOver = redis instanceof Cluster || infos.some((info) => Number(info['connected_slaves'] ?? 0) > 0);
  if (waitReplicas === 0 && canFailOver) weak.add('failover-without-wait');
  for (const weakness of weak)
    if (!accepts.includes(weakness)) problems.add(`${WEAKNESSES[weakness]} (DURABILITY=${weakness} accepts that)`);
  if (problems.size > 0) throw new RedisUnfit([...problems]);
  const first = infos[0] ?? {};
  return {
    version: first['redis_version'] ?? 'unknown',
    runId: first['run_id'] ?? '',
    warnings: [...weak].map((weakness) => WEAKNESSES[weakness]),
  };
}

/** @throws StoreUnavailable if Redis does not answer */
export async function pingRedis(redis: RedisClient): Promise<void> {
  await ask(() => redis.ping());
}

type Info = Readonly<Record<string, string>>;

function parseInfo(text: string): Info {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
    }),
  );
}

function problemsOf(info: Info): string[] {
  const [major = 0, minor = 0] = (info['redis_version'] ?? '').split('.').map(Number);
  const policy = info['maxmemory_policy'];
  return [
    ...(major > 6 || (major === 6 && minor >= 2)
      ? []
      : [`its version is ${info['redis_version'] ?? 'unknown'}, 6.2 or newer is needed`]),
    ...(policy === undefined || policy === 'noeviction'
      ? []
      : [`its maxmemory-policy is ${policy}, it must be noeviction, or Redis drops calls when memory is short`]),
  ];
}

async function weaknessesOf(node: Redis | RedisClient, info: Info): Promise<Weakness[]> {
  if (info['aof_enabled'] === '0') return ['no-append-only-file'];
  const fsync = await appendfsyncOf(node);
  if (fsync === 'always') return [];
  return [fsync === null ? 'appendfsync-unknown' : fsync === 'everysec' ? 'appendfsync-everysec' : 'appendfsync-no'];
}

/** Null where CONFIG is forbidden, as managed services do. */
async function appendfsyncOf(node: Redis | RedisClient): Promise<string | null> {
  try {
    const [, value] = (await node.config('GET', 'appendfsync')) as string[];
    return value ?? null;
  } catch {
    return null; // the INFO before it was answered, so this is a refusal and no outage
  }
}
