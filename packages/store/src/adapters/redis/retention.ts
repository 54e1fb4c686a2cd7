import { SHARDS, shardOf, type CallId, type Shard } from '@onhook/contracts';
import type { Keys } from '../../keys.js';
import type { Retention } from '../../ports/retention.js';
import type { Transcripts } from '../../ports/transcripts.js';
import type { RecordBackend } from '../../record/backend.js';
import { createFinishedCalls } from '../../record/finished-call.js';
import type { LeftAlone } from '../../record/left-alone.js';
import { indexMember, readIndexMember } from '../../record/listing.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';
import { askShards } from './shards.js';

interface RetentionDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly backend: RecordBackend;
  readonly transcripts: Transcripts;
  readonly leftAlone: LeftAlone;
}

export function createRedisRetention({ redis, keys, ...deps }: RetentionDeps): Retention {
  async function claim(
    keyOf: (shard: Shard) => string,
    args: readonly [pastMs: number, holdMs: number, limit: number],
  ): Promise<string[]> {
    const [pastMs, holdMs, limit] = args;
    const perShard = Math.ceil(limit / SHARDS.length);
    const claimed = await askShards(
      async (shard) => (await runScript(redis, scripts.claimDue, [keyOf(shard)], [pastMs, holdMs, perShard])) as string[],
    );
    return claimed.flat();
  }

  return {
    toArchive: async ({ limit, holdMs }) => (await claim(keys.toArchive, [0, holdMs, limit])) as CallId[],

    load: createFinishedCalls({
      ...deps,
      isAwaited: async (callId) => (await ask(() => redis.zscore(keys.toArchive(shardOf(callId)), callId))) !== null,
    }),

    async archived(callId, mark) {
      const named = [keys.call(callId), keys.toArchive(shardOf(callId))];
      return (await runScript(redis, scripts.archived, named, [callId, mark])) === 1;
    },

    async expired({ retentionMs, limit, holdMs }) {
      return (await claim(keys.expiry, [retentionMs, holdMs, limit])).map(readIndexMember);
    },

    async forget({ callId, createdAt }, finished) {
      const shard = shardOf(callId);
      const named = [
        keys.call(callId),
        keys.timeline(callId),
        keys.transcript(callId),
        keys.index(shard),
        keys.expiry(shard),
        keys.toArchive(shard),
        keys.sids(shard),
        keys.sidsOver(shard),
      ];
      const sids = finished?.call.attempts.flatMap(({ sid }) => (sid === null ? [] : [sid])) ?? [];
      const outcome = await runScript(redis, scripts.forget, named, [
        callId,
        indexMember(createdAt, callId),
        finished?.mark ?? '',
        ...sids,
      ]);
      return outcome as 'forgotten' | 'changed' | 'unarchived';
    },

    backlog: async () =>
      (await askShards((shard) => ask(() => redis.zcard(keys.toArchive(shard))))).reduce((sum, n) => sum + n, 0),
  };
}
