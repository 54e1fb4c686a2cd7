import { createCall, transition, type Call, type CallEvent, type NewCall, type NewCallEvent } from '@onhook/call';
import { shardOf, type CallId } from '@onhook/contracts';
import type { Chance } from '@onhook/service';
import { StoreContended } from '../errors.js';
import type { StoreOptions } from '../options.js';
import type { Applied, Calls, Created, Idempotency, Loaded, TimelineEntry } from '../ports/calls.js';
import { chooseShard, idempotencyHash } from '../shard.js';
import { OPEN_VAULT, type Vault } from '../vault.js';
import type { Claimed, Commit, RecordBackend, StoredCall } from './backend.js';
import type { LeftAlone } from './left-alone.js';
import { planChange, planCreation } from './plan.js';
import { readRecord, writeRecord } from './record-codec.js';

const MOST_TRIES = 200;

export interface RecordDoorDeps {
  readonly backend: RecordBackend;
  readonly chance: Chance;
  readonly leftAlone: LeftAlone;
  readonly options: StoreOptions;
  readonly vault?: Vault;
}

/** Load, decide, compare-and-set, again on a conflict: the same for every adapter. */
export function createRecordDoor({
  backend,
  chance,
  leftAlone,
  options,
  vault = OPEN_VAULT,
}: RecordDoorDeps): Pick<Calls, 'create' | 'load' | 'apply' | 'timeline'> {
  /** @throws NewerSchema before anything is written */
  const read = (callId: CallId, stored: StoredCall): Call => leftAlone.orThrow(callId, () => readRecord(stored.json));
  const newCommitId = (): string => Buffer.from(chance.bytes(12)).toString('base64url');

  async function create(asked: NewCall, idempotency: Idempotency | null): Promise<Created> {
    const claim = idempotency && {
      hash: idempotencyHash(idempotency.account, idempotency.key),
      // The body may be nothing but a number: its plain hash could be guessed.
      fingerprint: vault.seals ? vault.nameOf(idempotency.fingerprint) : idempotency.fingerprint,
    };
    if (idempotency && chooseShard(idempotency.account, idempotency.key, chance) !== shardOf(asked.callId)) {
      throw new Error('the call id is of another shard than its idempotency key: choose it by chooseShard');
    }
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const { now, stored, claimed } = await backend.read(asked.callId, claim?.hash ?? null);
      if (claimed && claim) return replayOf(claimed, [claim.fingerprint, idempotency!.fingerprint]);
      // The same id again: whoever chooses ids that repeat (a campaign's contact) means the same call.
      if (stored) return replayed(stored, asked.callId);
      const decided = createCall(asked, now);
      const outcome = await backend.commit(planCreation({ asked, decided, at: now, commitId: newCommitId(), claim }));
      if (outcome === 'committed') return { outcome: 'created', call: decided.call, effects: decided.effects };
      await backend.pause(tries);
    }
    throw new StoreContended(MOST_TRIES);
  }

  /** @param fingerprints as it is written now, and as it was before there was a key */
  async function replayOf(claimed: Claimed, fingerprints: readonly string[]): Promise<Created> {
    if (!fingerprints.includes(claimed.fingerprint)) return { outcome: 'conflict' };
    const { stored } = await backend.read(claimed.callId, null);
    // An idempotency record never outlives its call (options.ts); both were written by one script.
    if (!stored) throw new Error(`the idempotency record names a call that is gone: ${claimed.callId}`);
    return replayed(stored, claimed.callId);
  }

  /** Acknowledged as the first request would have been, whose answer may have been that the replicas are away. */
  async function replayed(stored: StoredCall, callId: CallId): Promise<Created> {
    const call = read(callId, stored);
    await backend.makeSure(callId);
    return { outcome: 'replayed', call };
  }

  async function load(callId: CallId): Promise<Loaded | null> {
    const { now, stored } = await backend.read(callId, null);
    return stored && { call: read(callId, stored), version: stored.version, now, ignored: stored.ignored };
  }

  async function apply(callId: CallId, event: NewCallEvent): Promise<Applied | null> {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const { now: at, stored } = await backend.read(callId, null);
      if (!stored) return null;
      const before = read(callId, stored);
      const dated: CallEvent = { ...event, at };
      const decided = transition(before, dated);
      const json = writeRecord(decided.call);
      const applied: Applied = { verdict: decided.verdict, call: decided.call, effects: decided.effects, at };
      if (json === stored.json && stored.noNews >= options.keptNoNews) {
        await backend.countNoNews(callId);
        return applied;
      }
      const plan = planChange({ stored, before, event: dated, decided, json, commitId: newCommitId() });
      if ((await backend.commit(await withCompactTimeline(plan))) === 'committed') return applied;
      await backend.pause(tries);
    }
    throw new StoreContended(MOST_TRIES);
  }

  /** Read apart from the record, yet safe: whatever was added to the timeline since has changed the commit id too. */
  async function withCompactTimeline(plan: Commit): Promise<Commit> {
    if (plan.call.state !== 'ended' || !plan.entry) return plan;
    return { ...plan, compacted: [...(await backend.readTimeline(plan.callId)), plan.entry] };
  }

  const timeline = (callId: CallId): Promise<TimelineEntry[]> => backend.readTimeline(callId);

  return { create, load, apply, timeline };
}
