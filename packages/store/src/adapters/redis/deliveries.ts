import { SHARDS, shardOf, type Shard } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { StoreOptions } from '../../options.js';
import type { Deliveries, Delivery, DeliveryClaim, Line } from '../../ports/webhooks.js';
import { isPending, lineMember, packDelivery, readLineMember, unpackDelivery, unpackLine } from '../../record/delivery-codec.js';
import {
  compareLogPlaces,
  readLogCursor,
  readLogEntry,
  writeLogCursor,
  type LogItem,
  type LogPlace,
} from '../../record/delivery-log.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';
import { askShards } from './shards.js';

export interface DeliveriesDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly options: Pick<StoreOptions, 'deliveryLogMs'>;
}

/** A job may come a little before its time: clocks differ. */
const EARLY_MS = 250;
/** One page looks through so many entries of the log at most. */
const LOOKED_THROUGH = 2_000;

export function createRedisDeliveries({ redis, keys, options }: DeliveriesDeps): Deliveries {
  const keysOf = (line: Line): string[] => [keys.hookLine(line), keys.hookDue(shardOf(line.callId))];

  async function inLine(line: Line): Promise<Delivery[]> {
    const [fields, due] = await Promise.all([
      ask(() => redis.hgetall(keys.hookLine(line))),
      ask(() => redis.zscore(keys.hookDue(shardOf(line.callId)), lineMember(line))),
    ]);
    return unpackLine(line, fields, due === null ? null : Number(due));
  }

  const load: Deliveries['load'] = async (name) =>
    (await inLine(name)).find(({ sequence }) => sequence === name.sequence) ?? null;

  async function newest(limit: number, after: LogPlace | null): Promise<LogItem[]> {
    const shards = await askShards(async (shard) => {
      const entries = await ask(() => redis.xrevrange(keys.hookLog(shard), startOf(shard, after), '-', 'COUNT', limit));
      return entries.map(([id, fields]): LogItem => ({ shard, id, name: readLogEntry(fields[1] ?? '') }));
    });
    return shards.flat().sort(compareLogPlaces).slice(0, limit);
  }

  async function list({ limit, cursor, isWanted }: Parameters<Deliveries['list']>[0]): ReturnType<Deliveries['list']> {
    const deliveries: Delivery[] = [];
    let after = cursor === null ? null : readLogCursor(cursor);
    for (let looked = 0; looked < LOOKED_THROUGH; looked += limit) {
      const items = await newest(limit, after);
      const found = await Promise.all(items.map(async ({ name }) => name && load(name)));
      for (const [i, item] of items.entries()) {
        after = item;
        const delivery = found[i];
        if (delivery && isWanted(delivery)) deliveries.push(delivery);
        if (deliveries.length === limit) return { deliveries, nextCursor: writeLogCursor(item) };
      }
      if (items.length < limit) return { deliveries, nextCursor: null };
    }
    return { deliveries, nextCursor: after && writeLogCursor(after) };
  }

  return {
    async claim(line, token, lastsMs) {
      const answer = await runScript(redis, scripts.hookClaim, keysOf(line), [lineMember(line), token, lastsMs, EARLY_MS]);
      if (!Array.isArray(answer)) return null;
      const [now, ...flat] = answer as [number, ...string[]];
      const first = unpackLine(line, inFields(flat), null).find(isPending);
      return first ? { delivery: first, token, now } : null;
    },

    async settle({ delivery, token }: DeliveryClaim, { retryAt, ...end }) {
      const isOver = end.status !== 'pending';
      const waiting = (await runScript(redis, scripts.hookSettle, keysOf(delivery), [
        lineMember(delivery),
        token,
        delivery.sequence,
        packDelivery({ ...delivery, ...end }),
        isOver ? '1' : '',
        isOver || retryAt === null ? '' : Math.ceil(retryAt),
        options.deliveryLogMs,
      ])) as number;
      return { isLost: waiting < 0, waiting: Math.max(0, waiting) };
    },

    async due(limit, graceMs) {
      const [sec] = await ask(() => redis.time());
      // Redis' own clock, to the second: `graceMs` is far longer than what is cut off.
      const until = Number(sec) * 1_000 - graceMs;
      const shards = await askShards((shard) =>
        ask(() => redis.zrangebyscore(keys.hookDue(shard), '-inf', until, 'LIMIT', 0, limit)),
      );
      return shards
        .flat()
        .flatMap((member) => readLineMember(member) ?? [])
        .slice(0, limit);
    },

    load,
    inLine,
    list,

    async redeliver(name) {
      const before = await ask(() => redis.hget(keys.hookLine(name), String(name.sequence)));
      if (before === null) return null;
      const delivery = unpackDelivery(name, before);
      if (isPending(delivery)) return load(name);
      const again = packDelivery({ ...delivery, status: 'pending', tries: 0, triedAt: null, result: null, since: 0 });
      const args = [lineMember(name), name.sequence, before, again.replace(/,0\]$/, ',NOW]'), options.deliveryLogMs];
      await runScript(redis, scripts.hookAgain, keysOf(name), args);
      return load(name);
    },
  };
}

/** Order over all shards is by time, then by shard, newest first: what stands behind `after` of this shard. */
function startOf(shard: Shard, after: LogPlace | null): string {
  if (!after) return '+';
  return SHARDS.indexOf(shard) < SHARDS.indexOf(after.shard) ? after.id : `(${after.id}`;
}

function inFields(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!;
  return fields;
}
