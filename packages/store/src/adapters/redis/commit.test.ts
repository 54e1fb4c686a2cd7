import { createCall, transition, type Call, type NewCallEvent } from '@onhook/call';
import { SHARDS, type CallId, type Transcript } from '@onhook/contracts';
import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import { request } from '../../conformance/admission-request.js';
import {
  applyAll,
  createSample,
  FROM,
  keyed,
  mustApply,
  newAccount,
  newLeg,
  ordinaryLife,
  sampleCall,
  TO,
  WORDS,
} from '../../conformance/sample-call.js';
import { createKeys } from '../../keys.js';
import { DEFAULT_OPTIONS } from '../../options.js';
import type { Commit, RecordBackend } from '../../record/backend.js';
import { indexMember } from '../../record/listing.js';
import { planChange, planCreation } from '../../record/plan.js';
import { openRecord } from '../../record/record-codec.js';
import { unpackTimeline } from '../../record/timeline-codec.js';
import { createVault, OPEN_VAULT } from '../../vault.js';
import { connectRedis, createRedisAdmission, createRedisDoNotCall, createRedisStore, type RedisStore } from './index.js';
import { createRedisRecords } from './records.js';

let server: TestRedis;
let redis: Redis;
let prefix: string;
let store: RedisStore;
let backend: RecordBackend;

beforeAll(async () => {
  server = await startRedis({ appendfsync: 'no' });
  redis = (await connectRedis(server.url, 'producer', { logger: silentLogger })) as Redis;
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  prefix = `test-${systemChance.uuid().slice(0, 8)}`;
  store = createRedisStore({ redis, prefix, chance: systemChance, timers: systemTimers, logger: silentLogger });
  backend = createRedisRecords({
    critical: redis,
    redis,
    vault: OPEN_VAULT,
    keys: createKeys(prefix),
    chance: systemChance,
    timers: systemTimers,
    options: DEFAULT_OPTIONS,
    streams: { feedLength: 1_000, keepsOutbox: true },
    durability: { waitReplicas: 0, waitReplicasMs: 100 },
  });
});

const dialStarted: NewCallEvent = { type: 'dial-started', source: 'dialer', n: 1, from: FROM };

async function planOf(callId: CallId, event: NewCallEvent, commitId: string): Promise<Commit> {
  const { now: at, stored } = await backend.read(callId, null);
  const before = JSON.parse(stored!.json) as Call;
  const decided = transition(before, { ...event, at });
  return planChange({
    stored: stored!,
    before,
    event: { ...event, at },
    decided,
    json: JSON.stringify(decided.call),
    commitId,
  });
}

describe('a commit that is sent twice because its answer was lost', () => {
  it('has succeeded once', async () => {
    const callId = await createSample(store.calls);
    const plan = await planOf(callId, dialStarted, 'commit-id-000001');
    expect(await backend.commit(plan)).toBe('committed');
    expect(await backend.commit(plan)).toBe('committed');
    expect(await store.calls.timeline(callId)).toHaveLength(2);
    expect((await store.calls.load(callId))?.version).toBe(2);
  });

  it('has succeeded also when somebody else committed in between', async () => {
    const callId = await createSample(store.calls);
    const plan = await planOf(callId, dialStarted, 'commit-id-000001');
    await backend.commit(plan);
    await mustApply(store.calls, callId, { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' });
    expect(await backend.commit(plan)).toBe('committed');
    expect((await store.calls.load(callId))?.call.state).toBe('ending');
  });

  it('creates one call', async () => {
    const account = newAccount();
    const asked = sampleCall({ account }, 'k');
    const plan = planCreation({
      asked,
      decided: createCall(asked, 1),
      at: 1,
      commitId: 'commit-id-000001',
      claim: { hash: 'h', fingerprint: 'f' },
    });
    expect(await backend.commit(plan)).toBe('committed');
    expect(await backend.commit(plan)).toBe('committed');
    expect(await backend.commit({ ...plan, commitId: 'commit-id-000002' })).toBe('taken');
  });

  it('is a conflict for whoever decided on an older record', async () => {
    const callId = await createSample(store.calls);
    const plan = await planOf(callId, dialStarted, 'commit-id-000001');
    await mustApply(store.calls, callId, { type: 'deadline-passed', source: 'watchdog', deadline: 1 });
    expect(await backend.commit(plan)).toBe('conflict');
    expect((await store.calls.load(callId))?.call.state).toBe('queued');
  });

  it('never brings an expired record back', async () => {
    const callId = await createSample(store.calls);
    const plan = await planOf(callId, dialStarted, 'commit-id-000001');
    await redis.del(createKeys(prefix).call(callId));
    expect(await backend.commit(plan)).toBe('conflict');
    await backend.countNoNews(callId);
    expect(await redis.exists(createKeys(prefix).call(callId))).toBe(0);
  });

  it('fences also those commits that leave no entry', async () => {
    const callId = await createSample(store.calls);
    const stale = await planOf(callId, dialStarted, 'commit-id-000001');
    const quiet = {
      ...(await planOf(callId, dialStarted, 'commit-id-000002')),
      entry: null,
      feed: null,
      outbox: null,
      version: 1,
    };
    expect(await backend.commit(quiet)).toBe('committed');
    expect(await backend.commit(stale)).toBe('conflict');
    expect(await store.calls.timeline(callId)).toHaveLength(1);
  });
});

describe('what a commit writes', () => {
  it('keeps every index in step with the record, through a call’s whole life', async () => {
    const keys = createKeys(prefix);
    const leg = newLeg();
    const callId = await createSample(store.calls);
    const shard = callId[5] as (typeof SHARDS)[number];
    for (const event of [null, ...ordinaryLife(leg)]) {
      if (event) await mustApply(store.calls, callId, event);
      const { call } = (await store.calls.load(callId))!;
      const due = await redis.zscore(keys.due(shard), callId);
      expect(due === null ? null : Number(due)).toBe(call.deadline);
      expect(await members(keys.leases(shard))).toEqual(
        call.state === 'bridged' ? [`${callId}|${leg.gatewayId}|${leg.streamSid}`] : [],
      );
      const attempt = call.attempts.find(({ sid }) => sid !== null);
      expect(await redis.hgetall(keys.sids(shard))).toEqual(attempt ? { [leg.sid]: callId } : {});
      expect(await members(keys.sidsOver(shard))).toEqual(attempt?.over ? [leg.sid] : []);
      expect(await members(keys.index(shard))).toEqual([indexMember(call.createdAt, callId)]);
      expect(await redis.hget(keys.call(callId), 'st')).toBe(call.state);
    }
    expect(await redis.type(keys.timeline(callId))).toBe('string');
    expect(await redis.memory('USAGE', keys.timeline(callId))).toBeLessThan(1_500);
    // Redis never forgets it by itself.
    for (const key of [keys.call(callId), keys.timeline(callId)]) expect(await redis.pttl(key)).toBe(-1);
    const { call, now } = (await store.calls.load(callId))!;
    expect(call.state).toBe('ended');
    expect(await redis.zscore(keys.expiry(shard), indexMember(call.createdAt, callId))).toBe(
      String(call.state === 'ended' && call.endedAt),
    );
    expect(Number(await redis.zscore(keys.toArchive(shard), callId))).toBeGreaterThan(now);
  });

  it('puts changes of state into the outbox and all news into the feed', async () => {
    const keys = createKeys(prefix);
    const callId = await createSample(store.calls);
    const shard = callId[5] as (typeof SHARDS)[number];
    await applyAll(store.calls, callId, [dialStarted, dialStarted, ...ordinaryLife(newLeg()).slice(1)]);
    const read = async (key: string) =>
      (await redis.xrange(key, '-', '+')).map(([, [, json]]) => JSON.parse(json!) as Record<string, unknown>);
    const outbox = await read(keys.outbox(shard));
    expect(outbox.map(({ from, state }) => [from, state])).toEqual([
      [null, 'queued'],
      ['queued', 'dialing'],
      ['dialing', 'placed'],
      ['placed', 'ringing'],
      ['ringing', 'answered'],
      ['answered', 'bridged'],
      ['bridged', 'ending'],
      ['ending', 'settling'],
      ['settling', 'ended'],
    ]);
    const feed = await read(keys.feed(shard));
    expect(feed).toHaveLength(outbox.length + 1); // the last words moved nothing, but are news
    expect(feed.map(({ version }) => version)).toEqual(feed.map((_, i) => (i < 2 ? i + 1 : i + 2))); // the second dial-started was none
  });

  it('trims the feed, and writes no outbox where none is kept', async () => {
    const small = createRedisStore({
      redis,
      prefix,
      chance: systemChance,
      timers: systemTimers,
      logger: silentLogger,
      options: { feedLength: 10, keepsOutbox: false, keptNoNews: 0 },
    });
    const keys = createKeys(prefix);
    const account = newAccount();
    const asked = sampleCall({ account }, 'k');
    await small.calls.create(asked, keyed(account, 'k'));
    const hold: NewCallEvent = { type: 'held', source: 'dialer', until: 0, reason: 'window' };
    for (let i = 0; i < 150; i++) {
      await mustApply(small.calls, asked.callId, hold);
      const { deadline } = (await small.calls.load(asked.callId))!.call;
      await mustApply(small.calls, asked.callId, { type: 'deadline-passed', source: 'watchdog', deadline: deadline! });
    }
    expect((await small.calls.load(asked.callId))!.version).toBeGreaterThan(250);
    const shard = asked.callId[5] as (typeof SHARDS)[number];
    expect(await redis.xlen(keys.feed(shard))).toBeLessThan(250);
    expect(await redis.exists(keys.outbox(shard))).toBe(0);
  });
});

describe('privacy', () => {
  it.each([
    ['without a key: numbers and words stand in the record and on the do-not-call list, and in no other key', OPEN_VAULT],
    ['with one: nowhere', createVault({ dataKeys: [systemChance.bytes(32)], chance: systemChance })],
  ])('%s', async (_title, vault) => {
    const account = newAccount();
    const key = `call ${TO} now`;
    const asked = sampleCall({ account }, key);
    const sealed = createRedisStore({ redis, prefix, vault, chance: systemChance, timers: systemTimers, logger: silentLogger });
    await sealed.calls.create(asked, keyed(account, key));
    const limits = { maxConcurrent: 3, attemptsPerNumberPerDay: 9 };
    const admission = createRedisAdmission({ redis, prefix, fromNumbers: [FROM], limits, vault });
    await admission.ask(request(account, { callId: asked.callId, to: TO, from: FROM }));
    await createRedisDoNotCall({ redis, prefix, vault }).add(account, [{ number: TO, note: 'a canary' }]);
    const leg = newLeg();
    await sealed.orders.send(leg.gatewayId, { type: 'say-and-end', callId: asked.callId, streamSid: leg.streamSid });
    const lines = [{ who: 'callee' as const, text: WORDS, fromMs: 0, toMs: 1 }];
    const transcript: Transcript = { v: 1, attempt: 1, lines, truncated: false };
    await sealed.transcripts.save(asked.callId, transcript);
    const keys = createKeys(prefix);
    const mayHold = vault.seals
      ? []
      : [keys.call(asked.callId), keys.account(account)('do-not-call'), keys.transcript(asked.callId)];
    const seen: string[] = [];
    for (const event of ordinaryLife(leg)) {
      await mustApply(sealed.calls, asked.callId, event);
      for (const name of await redis.keys(`${prefix}:*`)) if (!mayHold.includes(name)) seen.push(name, await dump(name));
    }
    const all = seen.join('\n');
    expect(all.length).toBeGreaterThan(5_000);
    const stored = (await redis.hgetBuffer(keys.call(asked.callId), 'j'))!;
    expect(openRecord(OPEN_VAULT, asked.callId, stored).includes(TO)).toBe(!vault.seals);
    for (const canary of [TO, FROM, TO.slice(2), FROM.slice(2), WORDS, 'canary']) expect(all).not.toContain(canary);
    // Whoever can read Redis cannot try all numbers either.
    expect(all.includes(OPEN_VAULT.nameOf(TO))).toBe(!vault.seals);
    // And it is all still there.
    expect(await sealed.transcripts.load(asked.callId)).toEqual(transcript);
    expect((await sealed.calls.load(asked.callId))?.call.to).toBe(TO);
    expect((await sealed.calls.list({ limit: 1, cursor: null })).calls[0]?.to).toBe(TO);
  });

  it('a call of before the key is read and goes on, and is sealed by its next commit', async () => {
    const asked = sampleCall({ account: newAccount() }, null);
    await store.calls.create(asked, null);
    const vault = createVault({ dataKeys: [systemChance.bytes(32)], chance: systemChance });
    const later = createRedisStore({ redis, prefix, vault, chance: systemChance, timers: systemTimers, logger: silentLogger });
    expect((await later.calls.load(asked.callId))?.call.to).toBe(TO);
    await mustApply(later.calls, asked.callId, { type: 'dial-started', source: 'dialer', n: 1, from: FROM });
    expect(await redis.hget(createKeys(prefix).call(asked.callId), 'j')).not.toContain(TO);
    expect((await later.calls.load(asked.callId))?.call.state).toBe('dialing');
    // Who has no key leaves it alone.
    await expect(store.calls.load(asked.callId)).rejects.toThrow('newer release');
    expect(await store.calls.list({ limit: 9, cursor: null })).toEqual({ calls: [], nextCursor: null });
  });

  it('a repeated request of before the key still finds its call', async () => {
    const account = newAccount();
    const asked = sampleCall({ account }, 'k');
    await store.calls.create(asked, keyed(account, 'k'));
    const vault = createVault({ dataKeys: [systemChance.bytes(32)], chance: systemChance });
    const later = createRedisStore({ redis, prefix, vault, chance: systemChance, timers: systemTimers, logger: silentLogger });
    expect(await later.calls.create(sampleCall({ account }, 'k'), keyed(account, 'k'))).toMatchObject({ outcome: 'replayed' });
    const other = { ...keyed(account, 'k'), fingerprint: 'other' };
    expect(await later.calls.create(sampleCall({ account }, 'k'), other)).toEqual({ outcome: 'conflict' });
  });

  it('the do-not-call list follows its key: named and sealed anew, and never empty meanwhile', async () => {
    const account = newAccount();
    const [old, fresh] = [systemChance.bytes(32), systemChance.bytes(32)];
    const listOf = (...dataKeys: Uint8Array[]) =>
      createRedisDoNotCall({ redis, prefix, vault: createVault({ dataKeys, chance: systemChance }) });
    await listOf().add(account, [{ number: TO, note: 'by phone' }]);
    const before = await listOf().find(account, TO);
    for (const dataKeys of [[old], [fresh, old], [fresh]]) {
      expect(await listOf(...dataKeys).adopt(account)).toBe(1);
      expect(await listOf(...dataKeys).adopt(account)).toBe(0);
      expect(await listOf(...dataKeys).find(account, TO)).toEqual(before);
    }
    // Processes that were not restarted yet go on finding it, and nobody lists it twice.
    const list = createKeys(prefix).account(account)('do-not-call');
    expect(await redis.hlen(list)).toBe(3);
    for (const dataKeys of [[], [old], [fresh, old], [fresh]]) {
      expect(await redis.hexists(list, createVault({ dataKeys, chance: systemChance }).nameOf(TO))).toBe(1);
    }
    expect((await listOf(fresh).page(account, { limit: 9, cursor: null })).entries).toEqual([before]);
    expect(await listOf(fresh).remove(account, [TO])).toBe(1);
    expect(await listOf(fresh).adopt(account)).toBe(0);
    expect(await listOf(fresh).find(account, TO)).toBeNull();
  });
});

function members(zset: string): Promise<string[]> {
  return redis.zrangebyscore(zset, '-inf', '+inf');
}

async function dump(key: string): Promise<string> {
  const type = await redis.type(key);
  if (type === 'string') {
    const value = (await redis.getBuffer(key))!;
    return key.includes(':timeline:') ? JSON.stringify(unpackTimeline(value)) : value.toString();
  }
  if (type === 'stream') return JSON.stringify(await redis.xrange(key, '-', '+'));
  if (type === 'hash') return JSON.stringify(await redis.hgetall(key));
  return JSON.stringify(await members(key));
}
