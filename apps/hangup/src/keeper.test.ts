import type { ArchivedLine } from '@onhook/archive';
import { createMemoryArchive } from '@onhook/archive/memory';
import {
  newCallId,
  type CallId,
  type CarrierCallId,
  type E164,
  type GatewayId,
  type StreamSid,
  type Transcript,
} from '@onhook/contracts';
import { createMemoryRecordings } from '@onhook/recordings/memory';
import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { createVault, OPEN_VAULT, type Vault } from '@onhook/store';
import { connectRedis, createRedisStore, type RedisClient } from '@onhook/store/redis';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.js';
import { createForgetExpired } from './forget-expired.js';
import { createKeepArchive } from './keep-archive.js';

const TO = '+14155552671' as E164;
const FROM = '+14155550199' as E164;
const CANARIES = ['canary', TO, TO.slice(2)];

let server: TestRedis;
let redis: RedisClient;
beforeAll(async () => {
  server = await startRedis({ appendfsync: 'no' });
  redis = await connectRedis(server.url, 'producer', { logger: silentLogger });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const hex = (): string => systemChance.uuid().replaceAll('-', '');

function createWorld({ vault = OPEN_VAULT, hasArchive = true }: { vault?: Vault; hasArchive?: boolean } = {}) {
  const prefix = `test-${hex().slice(0, 8)}`;
  const store = createRedisStore({
    redis,
    prefix,
    vault,
    chance: systemChance,
    timers: systemTimers,
    logger: silentLogger,
    // The relay of the outbox is somebody else's, and so is what waits in it.
    options: { archiveAfterMs: 0, idempotencyMs: 1, keepsOutbox: false },
  });
  const { retention, transcripts } = store;
  const archive = createMemoryArchive();
  const recordings = createMemoryRecordings();
  const common = { retention, archive: hasArchive ? archive : null, recordings, logger: silentLogger };
  const keepArchive = createKeepArchive({ ...common, transcripts, vault });
  const forget = (retentionMs: number): Promise<boolean> => createForgetExpired({ ...common, retentionMs })();

  /** A call that was dialed, spoke, was recorded, and ended. */
  async function ended(): Promise<CallId> {
    const callId = newCallId('c', systemChance.uuidv7());
    const { calls } = store;
    const policy = {
      ringTimeoutSec: 30,
      maxDurationSec: 600,
      transferLimitSec: 0,
      latestAt: null,
      voicemail: 'continue',
      redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 60 },
    } as const;
    const about = {
      agentId: 'demo',
      variables: { name: 'canary' },
      metadata: { note: 'canary' },
      webhookUrl: 'https://canary.example.com',
    };
    await calls.create({ callId, account: 'default', to: TO, from: null, notBefore: null, policy, ...about }, null);
    const [sid, streamSid] = [`CA${hex()}` as CarrierCallId, `MZ${hex()}` as StreamSid];
    const gatewayId = 'gw_01k00000000000000000000000' as GatewayId;
    await calls.apply(callId, { type: 'dial-started', n: 1, from: FROM, source: 'dialer' });
    await calls.apply(callId, { type: 'accepted', n: 1, sid, source: 'dialer' });
    await calls.apply(callId, { type: 'stream-started', n: 1, sid, streamSid, gatewayId, source: 'gateway' });
    const words = { cause: 'operator-ended-call', by: 'operator', words: 'canary' } as const;
    await calls.apply(callId, { type: 'end-asked', source: 'api', ...words });
    await calls.apply(callId, {
      type: 'media-closed',
      source: 'gateway',
      streamSid,
      why: 'we',
      cause: 'operator-ended-call',
      by: 'operator',
    });
    await calls.apply(callId, { type: 'carrier', n: 1, sid, status: 'completed', via: 'look', source: 'hangup' });
    await calls.apply(callId, { type: 'settled', n: 1, source: 'hangup' });
    await late(callId);
    await calls.apply(callId, { type: 'noted', n: 1, recordingMs: 100, source: 'gateway' });
    expect((await calls.load(callId))?.call.state).toBe('ended');
    return callId;
  }
  /** What the gateway brings when the conversation is over. */
  async function late(callId: CallId): Promise<void> {
    const said: Transcript = {
      v: 1,
      attempt: 1,
      lines: [{ who: 'callee', text: 'canary', fromMs: 0, toMs: 9 }],
      truncated: false,
    };
    await transcripts.save(callId, said);
    const writer = recordings.open(callId, 1);
    writer.write(Buffer.from('canary'.repeat(200)));
    await writer.finish();
  }
  const keys = (): Promise<string[]> => (redis as Redis).keys(`${prefix}:*`);
  /** The feed of live events is trimmed by its length, and statistics count: neither is of one call. */
  const keysOfCalls = async (): Promise<string[]> => (await keys()).filter((key) => !/:(feed|stats:\d+)$/.test(key));
  async function everything(): Promise<string> {
    const dumps = await Promise.all((await keys()).map(async (key) => [key, (await redis.dump(key)) ?? ''].join('\n')));
    const records = (await store.calls.list({ limit: 100, cursor: null })).calls.map((call) => JSON.stringify(call));
    const sounds = [...archive.recordings].map(([place, bytes]) => place + Buffer.from(bytes).toString());
    return [...dumps, ...records, ...archive.lines.map(({ text }) => text), ...sounds].join('\n');
  }
  return { ...store, archive, recordings, keepArchive, forget, ended, late, keysOfCalls, everything };
}

describe('ended calls', () => {
  it('are archived, then forgotten with every trace of them, and their recordings moved', async () => {
    const world = createWorld();
    const callIds = [await world.ended(), await world.ended(), await world.ended()];
    const before = await (redis as Redis).dbsize();
    await world.forget(0);
    expect((await world.calls.list({ limit: 10, cursor: null })).calls).toHaveLength(3);

    await world.keepArchive();
    const { call } = (await world.calls.load(callIds[0]!))!;
    const lines: ArchivedLine[] = [];
    for await (const line of world.archive.read(new Date(call.createdAt).toISOString().slice(0, 10))) lines.push(line);
    expect(lines.map(({ callId }) => callId).toSorted()).toEqual(callIds.toSorted());
    expect(lines.find(({ callId }) => callId === callIds[0])).toMatchObject({
      v: 1,
      cause: 'operator-ended-call',
      call: { to: TO, variables: { name: 'canary' }, state: 'ended' },
      transcripts: [{ attempt: 1, lines: [{ text: 'canary' }] }],
      recordings: [{ attempt: 1 }],
    });

    // Held for whoever looked first: five minutes. Another world's clock would be needed to wait for that; so they are asked for anew.
    for (const callId of callIds) await world.calls.apply(callId, { type: 'noted', n: 1, goodbye: 'played', source: 'gateway' });
    await world.keepArchive();
    await world.forget(0);
    expect(await world.keysOfCalls()).toEqual([]);
    expect(await (redis as Redis).dbsize()).toBeLessThan(before);
    for (const callId of callIds) expect(await world.recordings.find(callId, 1)).toBeNull();
    expect([...world.archive.recordings.keys()]).toHaveLength(3);
  });

  it('stay while the archive cannot take them, however old they are', async () => {
    const world = createWorld();
    const callId = await world.ended();
    const full = createKeepArchive({
      retention: world.retention,
      archive: { ...world.archive, append: () => Promise.reject(new Error('no space left on device')) },
      recordings: world.recordings,
      transcripts: world.transcripts,
      vault: OPEN_VAULT,
      logger: silentLogger,
    });
    await expect(full()).rejects.toThrow('no space');
    await world.forget(0);
    expect((await world.calls.load(callId))?.call.to).toBe(TO);
    expect(await world.retention.backlog()).toBe(1);
  });

  it('are forgotten without a trace where there is no archive', async () => {
    const world = createWorld({ hasArchive: false });
    await world.ended();
    await world.keepArchive();
    await world.forget(0);
    expect(await world.keysOfCalls()).toEqual([]);
    expect(world.archive.lines).toEqual([]);
    expect(world.archive.recordings.size).toBe(0);
  });

  it('name nobody in the archive where there is a DATA_KEY', async () => {
    const vault = createVault({ dataKeys: [systemChance.bytes(32)], chance: systemChance });
    const world = createWorld({ vault });
    const callId = await world.ended();
    await world.keepArchive();
    const [line] = world.archive.lines;
    for (const canary of CANARIES) expect(line!.text).not.toContain(canary);
    const { sealed } = JSON.parse(line!.text) as { sealed: string };
    expect(vault.open(`archive:${callId}`, Buffer.from(sealed, 'base64')).toString()).toContain(TO);
  });
});

describe('an erased call', () => {
  it('leaves nothing personal in Redis, in the archive or on the disk, though the archive had it already', async () => {
    const world = createWorld();
    const callId = await world.ended();
    await world.keepArchive();
    expect(await world.everything()).toContain('canary');
    await world.calls.apply(callId, { type: 'erased', to: '#nobody', source: 'api' });
    // The gateway that was cut off comes back with what it still had.
    await world.late(callId);
    await world.keepArchive();
    const left = await world.everything();
    for (const canary of CANARIES) expect(left).not.toContain(canary);
    expect(await world.transcripts.load(callId)).toBeNull();
    expect(await world.recordings.find(callId, 1)).toBeNull();
    expect((await world.calls.load(callId))?.call).toMatchObject({ state: 'ended', to: '#nobody' });
  });
});
