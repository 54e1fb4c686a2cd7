import { shardOf, type CallId } from '@onhook/contracts';
import type { Chance, Timers } from '@onhook/service';
import type { Keys } from '../../keys.js';
import type { StoreOptions } from '../../options.js';
import type { TimelineEntry } from '../../ports/calls.js';
import type { Claimed, Commit, CommitOutcome, Reading, RecordBackend } from '../../record/backend.js';
import { ownerOf } from '../../record/lease-member.js';
import { indexMember } from '../../record/listing.js';
import { openRecord, sealRecord } from '../../record/record-codec.js';
import { DAY_MS, tallyFields } from '../../record/tally.js';
import { packTimeline, unpackTimeline } from '../../record/timeline-codec.js';
import type { Vault } from '../../vault.js';
import type { RedisClient } from './connect.js';
import { createDurableWrite, type ReplicaWait } from './durability.js';
import { runScript, runScriptForBytes, scripts } from './scripts.js';

export interface RecordsDeps {
  readonly redis: RedisClient;
  /** For commits that wait for replicas. */
  readonly critical: RedisClient;
  readonly keys: Keys;
  readonly chance: Chance;
  readonly timers: Timers;
  readonly options: StoreOptions;
  readonly streams: { readonly feedLength: number; readonly keepsOutbox: boolean };
  readonly durability: ReplicaWait;
  readonly vault: Vault;
}

type LoadAnswer = [number, Buffer | null, Buffer | null, Buffer | null, Buffer | null, Buffer | null, Buffer | null];

export function createRedisRecords(deps: RecordsDeps): RecordBackend {
  const { redis, keys, chance, timers } = deps;
  const durably = createDurableWrite(deps.critical, deps.durability);

  return {
    async read(callId, claim) {
      const named = claim === null ? [keys.call(callId)] : [keys.call(callId), keys.idempotency(shardOf(callId), claim)];
      const answer = (await runScriptForBytes(redis, scripts.load, named, [])) as LoadAnswer;
      return parseReading(answer, (json) => openRecord(deps.vault, callId, json));
    },

    async readTimeline(callId) {
      const [form, ...values] = (await runScriptForBytes(redis, scripts.timeline, [keys.timeline(callId)], [])) as Buffer[];
      if (form?.toString() === 'packed') return unpackTimeline(values[0]!);
      return values.map((value) => JSON.parse(value.toString('utf8')) as TimelineEntry);
    },

    async commit(commit) {
      const named = commitKeys(keys, commit);
      const write = (over: RedisClient): Promise<unknown> => runScript(over, scripts.commit, named, commitArgs(deps, commit));
      if (!commit.isCritical) return (await write(redis)) as CommitOutcome;
      return (await durably(named[0]!, write, (answer) => answer === 'committed')) as CommitOutcome;
    },

    async countNoNews(callId) {
      await runScript(redis, scripts.countNoNews, [keys.call(callId)], [1]);
    },

    async makeSure(callId) {
      if (deps.durability.waitReplicas === 0) return;
      const key = keys.call(callId);
      await durably(
        key,
        (over) => runScript(over, scripts.countNoNews, [key], [0]),
        () => true,
      );
    },

    // Every round of a contest has a winner; the wait only thins out the losers.
    pause: (tries) => timers.sleep(chance.fraction() * Math.min(2 * tries, 50)),
  };
}

function parseReading(
  [now, version, commits, noNews, ignored, json, claimed]: LoadAnswer,
  open: (json: Buffer) => string,
): Reading {
  return {
    now,
    stored:
      json === null
        ? null
        : {
            version: Number(version),
            commitId: String(commits ?? '').split(',')[0]!,
            noNews: Number(noNews ?? 0),
            ignored: Number(ignored ?? 0),
            json: open(json),
          },
    claimed: claimed === null ? null : parseClaim(claimed.toString()),
  };
}

function parseClaim(claim: string): Claimed {
  const bar = claim.lastIndexOf('|');
  return { fingerprint: claim.slice(0, bar), callId: claim.slice(bar + 1) as CallId };
}

function commitKeys(keys: Keys, { callId, claim, tally }: Commit): string[] {
  const shard = shardOf(callId);
  return [
    keys.call(callId),
    keys.timeline(callId),
    keys.due(shard),
    keys.leases(shard),
    keys.sids(shard),
    keys.index(shard),
    keys.expiry(shard),
    keys.outbox(shard),
    keys.feed(shard),
    keys.sidsOver(shard),
    keys.toArchive(shard),
    ...(claim ? [keys.idempotency(shard, claim.hash)] : []),
    ...(tally ? [keys.stats(shard, Math.floor(tally.endedAt / DAY_MS))] : []),
  ];
}

function commitArgs({ options, streams, vault }: RecordsDeps, commit: Commit): (string | number | Buffer)[] {
  const { call, callId } = commit;
  return [
    callId,
    commit.expected ?? '',
    commit.commitId,
    commit.version,
    call.state,
    call.deadline ?? '',
    ownerOf(call),
    options.leaseMs,
    commit.noNews,
    sealRecord(vault, call, commit.json),
    commit.entry ? JSON.stringify(commit.entry) : '',
    commit.compacted ? packTimeline(commit.compacted) : '',
    commit.endedAt ?? '',
    indexMember(call.createdAt, callId),
    commit.feed ? JSON.stringify(commit.feed) : '',
    streams.feedLength,
    commit.outbox && streams.keepsOutbox ? JSON.stringify(commit.outbox) : '',
    commit.claim ? `${commit.claim.fingerprint}|${callId}` : '',
    options.idempotencyMs,
    options.endedSidMs,
    options.archiveAfterMs,
    call.erasedAt === undefined ? '' : '1',
    ...commit.sids.added.map((sid) => `+${sid}`),
    ...commit.sids.removed.map((sid) => `-${sid}`),
    ...(commit.tally ? tallyFields(commit.tally, vault.nameOf).map(([field, amount]) => `#${amount} ${field}`) : []),
  ];
}
