import { MOST_LOOKED_AT, type Calls } from '../../ports/calls.js';
import type { LeftAlone } from '../../record/left-alone.js';
import { callIdOfMember, cursorOf, memberOf, momentMember } from '../../record/listing.js';
import { readRecord } from '../../record/record-codec.js';
import { liveRecord, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export interface MemoryListingDeps {
  readonly database: MemoryDatabase;
  readonly leftAlone: LeftAlone;
  readonly faults: MemoryFaults;
}

export function createMemoryListing({ database, leftAlone, faults }: MemoryListingDeps): Pick<Calls, 'list'> {
  return {
    async list({ limit, cursor, createdAfter, createdBefore, fits = () => true }) {
      const after = cursor === null ? null : memberOf(cursor);
      return step(faults, () => {
        const members = [...database.index]
          .filter(
            (member) =>
              (after === null || member < after) &&
              (createdBefore === undefined || member < momentMember(createdBefore)) &&
              (createdAfter === undefined || member >= momentMember(createdAfter)),
          )
          .sort()
          .reverse();
        const looked = members.slice(0, MOST_LOOKED_AT);
        const found = looked.flatMap((member) => {
          const record = liveRecord(database, callIdOfMember(member));
          if (!record) database.index.delete(member);
          const call = record && leftAlone.orNull(callIdOfMember(member), () => readRecord(record.json));
          return call && fits(call) ? [{ member, call }] : [];
        });
        const page = found.slice(0, limit);
        const hasMore = found.length > limit || members.length > looked.length;
        const last = found.length > limit ? page.at(-1)!.member : looked.at(-1);
        return { calls: page.map(({ call }) => call), nextCursor: hasMore && last ? cursorOf(last) : null };
      });
    },
  };
}
