import { shardOf, type CallId, type CarrierCallId } from '@onhook/contracts';
import { StoreUnavailable } from '../../errors.js';
import type { StoreOptions } from '../../options.js';
import type { Commit, CommitOutcome, Reading, RecordBackend } from '../../record/backend.js';
import { ownerOf } from '../../record/lease-member.js';
import { indexMember } from '../../record/listing.js';
import { liveRecord, type MemoryDatabase, type MemoryRecord } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export interface MemoryRecordsDeps {
  readonly database: MemoryDatabase;
  readonly options: StoreOptions;
  readonly faults: MemoryFaults;
}

/** The twin of load.lua, commit.lua, timeline.lua and count-no-news.lua. */
export function createMemoryRecords({ database, options, faults }: MemoryRecordsDeps): RecordBackend {
  return {
    read: (callId, claim) => step(faults, () => read(database, callId, claim)),
    readTimeline: (callId) => step(faults, () => structuredClone(liveRecord(database, callId)?.timeline ?? [])),
    countNoNews: (callId) =>
      step(faults, () => {
        const record = liveRecord(database, callId);
        if (record) record.ignored++;
      }),
    makeSure: () => step(faults, () => {}),
    commit: (commit) =>
      step(faults, () => {
        if (faults.conflicts?.()) return 'conflict';
        const outcome = writeCommit(database, options, commit);
        if (faults.losesReply?.()) throw new StoreUnavailable('the answer was lost');
        return outcome;
      }),
    pause: () => Promise.resolve(),
  };
}

function read(database: MemoryDatabase, callId: CallId, claim: string | null): Reading {
  const now = database.clock.now();
  const record = liveRecord(database, callId);
  const claimed = claim === null ? undefined : database.claims.get(claim);
  return {
    now,
    stored: record && {
      version: record.version,
      commitId: record.commitIds[0]!,
      noNews: record.noNews,
      ignored: record.ignored,
      json: record.json,
    },
    claimed: claimed && claimed.expiresAt > now ? { callId: claimed.callId, fingerprint: claimed.fingerprint } : null,
  };
}

function writeCommit(database: MemoryDatabase, options: StoreOptions, commit: Commit): CommitOutcome {
  const now = database.clock.now();
  const { callId, call, claim, expected } = commit;
  const old = liveRecord(database, callId);
  if (old?.commitIds.includes(commit.commitId)) return 'committed';
  if (expected === null) {
    if (old || (claim && (database.claims.get(claim.hash)?.expiresAt ?? 0) > now)) return 'taken';
  } else if (old?.commitIds[0] !== expected) {
    return 'conflict';
  }

  const owner = ownerOf(call);
  const record: MemoryRecord = {
    version: commit.version,
    commitIds: [commit.commitId, ...(old?.commitIds ?? [])].slice(0, 4),
    state: call.state,
    owner,
    noNews: commit.noNews,
    ignored: old?.ignored ?? 0,
    json: commit.json,
    timeline: commit.compacted ? [...commit.compacted] : [...(old?.timeline ?? []), ...(commit.entry ? [commit.entry] : [])],
    endedAt: commit.endedAt,
  };
  database.records.set(callId, record);

  if (call.deadline === null) database.due.delete(callId);
  else database.due.set(callId, call.deadline);

  if (old && old.owner !== '' && old.owner !== owner) database.leases.delete(`${callId}|${old.owner}`);
  if (owner !== '' && !database.leases.has(`${callId}|${owner}`))
    database.leases.set(`${callId}|${owner}`, now + options.leaseMs);

  const sids = database.sids.get(shardOf(callId)) ?? new Map<CarrierCallId, CallId>();
  database.sids.set(shardOf(callId), sids);
  const over = database.sidsOver.get(shardOf(callId)) ?? new Map<CarrierCallId, number>();
  database.sidsOver.set(shardOf(callId), over);
  for (const sid of commit.sids.added) {
    sids.set(sid, callId);
    over.delete(sid);
  }
  for (const sid of commit.sids.removed) if (sids.get(sid) === callId) over.set(sid, now + options.endedSidMs);
  for (const sid of [...over].filter(([, until]) => until <= now).map(([sid]) => sid)) {
    sids.delete(sid);
    over.delete(sid);
  }

  if (expected === null) {
    database.index.add(indexMember(call.createdAt, callId));
    if (claim)
      database.claims.set(claim.hash, { callId, fingerprint: claim.fingerprint, expiresAt: now + options.idempotencyMs });
  }
  if (commit.endedAt !== null) {
    database.expiry.set(callId, commit.endedAt);
    database.toArchive.set(callId, now + options.archiveAfterMs);
  }
  if (commit.tally) database.tallies.push(commit.tally);
  if (commit.feed) database.feed.push(commit.feed);
  if (database.feed.length > 10_000) database.feedTrimmed += database.feed.splice(0, 5_000).length;
  if (commit.outbox) database.outbox.push(commit.outbox);
  return 'committed';
}
