import type { GatewayId } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { GatewayDirectory, GatewayEntry } from '../../ports/directory.js';
import type { WorkerBeats } from '../../ports/workers.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';

/** The lease is the truth; the set of known ids only says whose lease to look at. */
export function createRedisDirectory({ redis, keys }: { redis: RedisClient; keys: Keys }): GatewayDirectory {
  return {
    async beat(entry, ttlMs) {
      await Promise.all([
        ask(() => redis.set(keys.gatewayLease(entry.gatewayId), JSON.stringify(entry), 'PX', ttlMs)),
        runScript(redis, scripts.beat, [keys.knownGateways()], [entry.gatewayId, ttlMs]),
      ]);
    },
    async leave(gatewayId) {
      await Promise.all([
        ask(() => redis.del(keys.gatewayLease(gatewayId))),
        ask(() => redis.zrem(keys.knownGateways(), gatewayId)),
      ]);
    },
    async list() {
      const ids = (await runScript(redis, scripts.living, [keys.knownGateways()], [])) as GatewayId[];
      const entries = await Promise.all(ids.map((id) => ask(() => redis.get(keys.gatewayLease(id)))));
      return entries.flatMap((json) => (json === null ? [] : [JSON.parse(json) as GatewayEntry]));
    },
    async expectStream(gatewayId, withinMs) {
      await runScript(redis, scripts.expectStream, [keys.gatewayExpected(gatewayId)], [withinMs]);
    },
    async streamsExpectedForMs(gatewayId) {
      return Math.max(0, await ask(() => redis.pttl(keys.gatewayExpected(gatewayId))));
    },
  };
}

export function createRedisBeats({ redis, keys }: { redis: RedisClient; keys: Keys }): WorkerBeats {
  return {
    async beat(kind, workerId, ttlMs) {
      await runScript(redis, scripts.beat, [keys.beats(kind)], [workerId, ttlMs]);
    },
    async leave(kind, workerId) {
      await ask(() => redis.zrem(keys.beats(kind), workerId));
    },
    async alive(kind) {
      return ((await runScript(redis, scripts.living, [keys.beats(kind)], [])) as string[]).length;
    },
  };
}
