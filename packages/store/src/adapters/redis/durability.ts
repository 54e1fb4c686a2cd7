import { Cluster, type Redis } from 'ioredis';
import { StoreUnavailable } from '../../errors.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

export interface ReplicaWait {
  /** How many replicas must hold a critical commit (creation, `dialing`) before it counts. 0: the server's own disk is enough. */
  readonly waitReplicas: number;
  readonly waitReplicasMs: number;
}

/** Runs a write over the client that it waits on, and resolves once enough replicas hold it. */
export type DurableWrite = <T>(
  key: string,
  write: (over: RedisClient) => Promise<T>,
  mustWait: (answer: T) => boolean,
) => Promise<T>;

/**
 * `WAIT` speaks of what its own connection has written. After a failover it would be sent on a new one, to a server that may
 * never have seen the write, and would be satisfied at once. So the write and the `WAIT` must have gone over one and the same
 * connection; where that is not certain the outcome is unknown.
 *
 * @throws StoreUnavailable where too few replicas answered in time, or the connection changed: the write stands, or may be lost
 */
export function createDurableWrite(redis: RedisClient, { waitReplicas, waitReplicasMs }: ReplicaWait): DurableWrite {
  if (waitReplicas === 0) return (_, write) => write(redis);
  const losses = new WeakMap<Redis, { count: number }>();
  const slots = new Map<string, Promise<number>>();

  async function homeOf(key: string): Promise<Redis> {
    if (!(redis instanceof Cluster)) return redis;
    const tag = /\{(.+?)\}/.exec(key)?.[1] ?? key;
    const slot = slots.get(tag) ?? ask(async () => Number(await redis.cluster('KEYSLOT', key)));
    slots.set(tag, slot);
    slot.catch(() => slots.delete(tag));
    const node = primaryOf(redis, await slot) ?? (await refreshed(redis), primaryOf(redis, await slot));
    if (!node) throw new StoreUnavailable('the cluster has no primary for this record now');
    return node;
  }

  function primaryOf(cluster: Cluster, slot: number): Redis | undefined {
    const [primary] = cluster.slots[slot] ?? [];
    return cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === primary);
  }

  /** Nothing else goes over this client that would be told of a failover: it has to ask. */
  function refreshed(cluster: Cluster): Promise<void> {
    return new Promise((resolve) => cluster.refreshSlotsCache(() => resolve()));
  }

  function lossesOf(node: Redis): { count: number } {
    let seen = losses.get(node);
    if (!seen) {
      const counting = (seen = { count: 0 });
      losses.set(node, counting);
      node.on('close', () => (counting.count += 1));
    }
    return seen;
  }

  return async function durably(key, write, mustWait) {
    const home = await homeOf(key);
    const seen = lossesOf(home);
    const before = seen.count;
    const answer = await write(redis);
    if (!mustWait(answer)) return answer;
    const reached = await ask(() => home.wait(waitReplicas, waitReplicasMs));
    if (reached < waitReplicas) throw new StoreUnavailable(`the commit reached ${reached} of ${waitReplicas} replicas in time`);
    if (seen.count !== before || (await homeOf(key)) !== home)
      throw new StoreUnavailable('the server changed while the commit was being copied');
    return answer;
  };
}
