import type { Call } from '@onhook/call';
import type { Keys } from '../../keys.js';
import { MOST_LOOKED_AT, type Calls } from '../../ports/calls.js';
import type { LeftAlone } from '../../record/left-alone.js';
import { callIdOfMember, cursorOf, memberOf, momentMember } from '../../record/listing.js';
import { openRecord, readRecord } from '../../record/record-codec.js';
import type { Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { askShards } from './shards.js';

export interface ListingDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly leftAlone: LeftAlone;
  readonly vault: Vault;
}

/** With a filter more is read at a time than is wanted, for most of it may not fit. */
const FILTERED_AT_ONCE = 250;

export function createRedisListing({ redis, keys, leftAlone, vault }: ListingDeps): Pick<Calls, 'list'> {
  async function newestMembers(limit: number, max: string, min: string): Promise<string[]> {
    const shards = await askShards((shard) => ask(() => redis.zrevrangebylex(keys.index(shard), max, min, 'LIMIT', 0, limit)));
    return shards.flat().sort().reverse().slice(0, limit);
  }

  /** An expired call keeps its place in the index until it is tidied up. */
  async function callsOf(members: readonly string[]): Promise<(Call | null)[]> {
    const records = await Promise.all(
      members.map((member) => ask(() => redis.hgetBuffer(keys.call(callIdOfMember(member)), 'j'))),
    );
    return records.map((json, i) => {
      const callId = callIdOfMember(members[i]!);
      return json === null ? null : leftAlone.orNull(callId, () => readRecord(openRecord(vault, callId, json)));
    });
  }

  return {
    async list({ limit, cursor, createdAfter, createdBefore, fits }) {
      const calls: Call[] = [];
      const min = createdAfter === undefined ? '-' : `[${momentMember(createdAfter)}`;
      const latest = createdBefore === undefined ? null : momentMember(createdBefore);
      let after = cursor === null ? null : memberOf(cursor);
      if (latest !== null && (after === null || latest < after)) after = latest;
      for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT;) {
        const atOnce = fits ? FILTERED_AT_ONCE : limit - calls.length;
        const members = await newestMembers(atOnce + 1, after === null ? '+' : `(${after}`, min);
        const page = members.slice(0, atOnce);
        for (const [i, call] of (await callsOf(page)).entries()) {
          after = page[i]!;
          if (!call || (fits && !fits(call))) continue;
          calls.push(call);
          const isLast = i === members.length - 1;
          if (calls.length === limit) return { calls, nextCursor: isLast ? null : cursorOf(after) };
        }
        if (members.length <= atOnce) return { calls, nextCursor: null };
        lookedAt += page.length;
      }
      return { calls, nextCursor: after && cursorOf(after) };
    },
  };
}
