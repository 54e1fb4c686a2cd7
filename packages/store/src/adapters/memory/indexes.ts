import { SHARDS, type CallId } from '@onhook/contracts';
import type { StoreOptions } from '../../options.js';
import type { Calls } from '../../ports/calls.js';
import type { LeftAlone } from '../../record/left-alone.js';
import { parseLease } from '../../record/lease-member.js';
import { isUnderWay } from '../../record/under-way.js';
import { liveRecord, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';
import { createMemoryListing } from './listing.js';

export interface MemoryIndexesDeps {
  readonly database: MemoryDatabase;
  readonly leftAlone: LeftAlone;
  readonly options: StoreOptions;
  readonly faults: MemoryFaults;
}

type Indexes = Pick<Calls, 'list' | 'due' | 'underWay' | 'findBySid' | 'renewLeases' | 'expiredLeases'>;

export function createMemoryIndexes({ database, leftAlone, options, faults }: MemoryIndexesDeps): Indexes {
  return {
    ...createMemoryListing({ database, leftAlone, faults }),

    due: (limit) =>
      step(faults, () => passed(database.due, database.clock.now(), limit).map(([callId, deadline]) => ({ callId, deadline }))),

    async underWay(onPage) {
      const found = await step(faults, () =>
        [...database.due.keys()].filter((callId) => isUnderWay(liveRecord(database, callId)?.state ?? null)),
      );
      if (found.length > 0) await onPage?.(found);
      return found;
    },

    findBySid: (sid) =>
      step(faults, (): CallId | null => {
        for (const shard of SHARDS) {
          const callId = database.sids.get(shard)?.get(sid);
          if (callId) return callId;
        }
        return null;
      }),

    renewLeases: (gatewayId, streams) =>
      step(faults, () => ({
        close: streams.filter(({ callId, streamSid }) => {
          const record = liveRecord(database, callId);
          if (record?.state !== 'bridged' || record.owner !== `${gatewayId}|${streamSid}`) return true;
          database.leases.set(`${callId}|${record.owner}`, database.clock.now() + options.leaseMs);
          return false;
        }),
      })),

    expiredLeases: (limit) =>
      step(faults, () => passed(database.leases, database.clock.now(), limit).map(([member]) => parseLease(member))),
  };
}

/** Soonest first, then by name, as a Redis zset has it. */
function passed<K extends string>(scores: ReadonlyMap<K, number>, now: number, limit: number): [K, number][] {
  const all = [...scores].filter(([, at]) => at <= now);
  return all.sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).slice(0, limit);
}
