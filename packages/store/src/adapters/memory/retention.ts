import { shardOf, type CallId } from '@onhook/contracts';
import type { Retention } from '../../ports/retention.js';
import type { Transcripts } from '../../ports/transcripts.js';
import type { RecordBackend } from '../../record/backend.js';
import { createFinishedCalls } from '../../record/finished-call.js';
import type { LeftAlone } from '../../record/left-alone.js';
import { indexMember, readIndexMember } from '../../record/listing.js';
import { liveRecord, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

interface MemoryRetentionDeps {
  readonly database: MemoryDatabase;
  readonly faults: MemoryFaults;
  readonly backend: RecordBackend;
  readonly transcripts: Transcripts;
  readonly leftAlone: LeftAlone;
}

/** The twin of claim-due.lua, archived.lua and forget.lua. */
export function createMemoryRetention({ database, faults, ...deps }: MemoryRetentionDeps): Retention {
  function claim(due: Map<CallId, number>, pastMs: number, holdMs: number, limit: number): CallId[] {
    const before = database.clock.now() - pastMs;
    const passed = [...due].filter(([, at]) => at <= before).toSorted((a, b) => a[1] - b[1]);
    const claimed = passed.slice(0, limit).map(([callId]) => callId);
    for (const callId of claimed) due.set(callId, before + holdMs);
    return claimed;
  }
  const markOf = (callId: CallId): string | undefined => liveRecord(database, callId)?.commitIds[0];

  return {
    toArchive: ({ limit, holdMs }) => step(faults, () => claim(database.toArchive, 0, holdMs, limit)),

    load: createFinishedCalls({ ...deps, isAwaited: (callId) => Promise.resolve(database.toArchive.has(callId)) }),

    archived: (callId, mark) =>
      step(faults, () => {
        if ((markOf(callId) ?? mark) !== mark) return false;
        database.toArchive.delete(callId);
        return true;
      }),

    expired: ({ retentionMs, limit, holdMs }) =>
      step(faults, () => {
        const expired = new Set(claim(database.expiry, retentionMs, holdMs, limit));
        return [...database.index].map(readIndexMember).filter(({ callId }) => expired.has(callId));
      }),

    forget: ({ callId, createdAt }, finished) =>
      step(faults, () => {
        if (finished && database.toArchive.has(callId)) return 'unarchived';
        if (markOf(callId) !== finished?.mark) return 'changed';
        for (const map of [database.records, database.transcripts, database.toArchive, database.expiry]) map.delete(callId);
        database.index.delete(indexMember(createdAt, callId));
        const [sids, over] = [database.sids.get(shardOf(callId)), database.sidsOver.get(shardOf(callId))];
        for (const { sid } of finished?.call.attempts ?? []) {
          if (sid === null || sids?.get(sid) !== callId) continue;
          sids.delete(sid);
          over?.delete(sid);
        }
        return 'forgotten';
      }),

    backlog: () => step(faults, () => database.toArchive.size),
  };
}
