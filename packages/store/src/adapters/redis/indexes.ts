import { shardOf, type CallId, type GatewayId, type Shard } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { StoreOptions } from '../../options.js';
import type { Calls, LeasedStream } from '../../ports/calls.js';
import type { LeftAlone } from '../../record/left-alone.js';
import { parseLease } from '../../record/lease-member.js';
import { isUnderWay } from '../../record/under-way.js';
import type { Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { createRedisListing } from './listing.js';
import { runScript, scripts } from './scripts.js';
import { askShards } from './shards.js';

export interface IndexesDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly leftAlone: LeftAlone;
  readonly options: StoreOptions;
  readonly vault: Vault;
}

/** One script call renews at most so many leases, so that it never holds Redis for long. */
const RENEWED_AT_ONCE = 100;
const SCANNED_AT_ONCE = 200;

/** What is asked over all calls: by deadline, by age, by SID, by lease. */
export function createRedisIndexes({
  redis,
  keys,
  leftAlone,
  options,
  vault,
}: IndexesDeps): Pick<Calls, 'list' | 'due' | 'underWay' | 'findBySid' | 'renewLeases' | 'expiredLeases'> {
  async function passed(keyOf: (shard: Shard) => string, limit: number): Promise<[member: string, at: number][]> {
    const shards = await askShards(
      async (shard) => (await runScript(redis, scripts.passed, [keyOf(shard)], [limit])) as string[],
    );
    const all = shards.flatMap((flat) => inPairs(flat).map(([member, score]): [string, number] => [member, Number(score)]));
    return all.sort((a, b) => a[1] - b[1]).slice(0, limit);
  }

  async function underWay(onPage: (page: readonly CallId[]) => Promise<void> = async () => {}): Promise<CallId[]> {
    const shards = await askShards((shard) =>
      underWayOf(shard, onPage).then(
        (found) => ({ found }),
        (error: unknown) => ({ error }),
      ),
    );
    return shards.flatMap((one) => {
      if ('error' in one) throw one.error;
      return one.found;
    });
  }

  /** Every call that has not ended has a deadline. A scan may name one twice. */
  async function underWayOf(shard: Shard, onPage: (page: readonly CallId[]) => Promise<void>): Promise<CallId[]> {
    const found = new Set<CallId>();
    let cursor = '0';
    do {
      const [next, flat] = await ask(() => redis.zscan(keys.due(shard), cursor, 'COUNT', SCANNED_AT_ONCE));
      const callIds = inPairs(flat).map(([callId]) => callId as CallId);
      const states = await Promise.all(callIds.map((callId) => ask(() => redis.hget(keys.call(callId), 'st'))));
      const page = callIds.filter((callId, i) => isUnderWay(states[i] ?? null) && !found.has(callId));
      for (const callId of page) found.add(callId);
      if (page.length > 0) await onPage(page);
      cursor = next;
    } while (cursor !== '0');
    return [...found];
  }

  async function findBySid(sid: string): Promise<CallId | null> {
    const found = await askShards((shard) => ask(() => redis.hget(keys.sids(shard), sid)));
    return (found.find((callId) => callId !== null) as CallId | undefined) ?? null;
  }

  async function renewLeases(gatewayId: GatewayId, streams: readonly LeasedStream[]): Promise<{ close: LeasedStream[] }> {
    const groups = inGroups(streams);
    const closed = await Promise.all(
      groups.map(async ({ shard, members }) => {
        const named = [keys.leases(shard), ...members.map(({ callId }) => keys.call(callId))];
        const args = [options.leaseMs, gatewayId, ...members.flatMap(({ callId, streamSid }) => [callId, streamSid])];
        const positions = (await runScript(redis, scripts.renewLeases, named, args)) as number[];
        return positions.map((position) => members[position]!);
      }),
    );
    return { close: closed.flat() };
  }

  return {
    ...createRedisListing({ redis, keys, leftAlone, vault }),
    due: async (limit) =>
      (await passed((shard) => keys.due(shard), limit)).map(([callId, deadline]) => ({ callId: callId as CallId, deadline })),
    underWay,
    findBySid,
    renewLeases,
    expiredLeases: async (limit) => (await passed((shard) => keys.leases(shard), limit)).map(([member]) => parseLease(member)),
  };
}

function inPairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((item, i): [string, string][] => (i % 2 === 0 ? [[item, flat[i + 1]!]] : []));
}

function inGroups(streams: readonly LeasedStream[]): { shard: Shard; members: LeasedStream[] }[] {
  const groups: { shard: Shard; members: LeasedStream[] }[] = [];
  for (const stream of streams) {
    const shard = shardOf(stream.callId);
    const open = groups.find((group) => group.shard === shard && group.members.length < RENEWED_AT_ONCE);
    if (open) open.members.push(stream);
    else groups.push({ shard, members: [stream] });
  }
  return groups;
}
