import type { CallId } from '@onhook/contracts';
import { silentLogger, systemChance, systemTimers, type Logger } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../test/redis.js';
import { createMemoryDatabase, createMemoryStore } from './adapters/memory/index.js';
import { connectRedis, createRedisStore, type RedisClient } from './adapters/redis/index.js';
import { createBridged, createSample, keyed, newAccount, newLeg, sampleCall } from './conformance/sample-call.js';
import { createKeys } from './keys.js';
import type { Calls } from './ports/calls.js';

interface Opened {
  readonly calls: Calls;
  /** What a process of a later release would have made of the record. */
  upgrade(callId: CallId, change: Record<string, unknown>): Promise<void>;
  /** Everything that a commit could have changed. */
  snapshot(callId: CallId): Promise<string>;
  readonly warnings: { callId?: string; schema?: number }[];
}

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

function listening(): { logger: Logger; warnings: Opened['warnings'] } {
  const warnings: Opened['warnings'] = [];
  const logger = {
    ...silentLogger,
    warn: (facts: Opened['warnings'][number]) => void warnings.push(facts),
  } as typeof silentLogger;
  return { logger, warnings };
}

const changed = (json: string, change: Record<string, unknown>): string => JSON.stringify({ ...JSON.parse(json), ...change });

function openMemory(): Opened {
  const { logger, warnings } = listening();
  const database = createMemoryDatabase(createVirtualTime());
  return {
    calls: createMemoryStore({ database, chance: systemChance, logger }).calls,
    async upgrade(callId, change) {
      const record = database.records.get(callId)!;
      record.json = changed(record.json, change);
    },
    snapshot: async (callId) => JSON.stringify([database.records.get(callId), [...database.due], [...database.leases]]),
    warnings,
  };
}

function openRedis(): Opened {
  const { logger, warnings } = listening();
  const prefix = `test-${systemChance.uuid().slice(0, 8)}`;
  const keys = createKeys(prefix);
  return {
    calls: createRedisStore({ redis, prefix, chance: systemChance, timers: systemTimers, logger }).calls,
    async upgrade(callId, change) {
      const json = await redis.hget(keys.call(callId), 'j');
      await redis.hset(keys.call(callId), 'j', changed(json!, change));
    },
    snapshot: async (callId) =>
      JSON.stringify([await redis.hgetall(keys.call(callId)), await redis.xrange(keys.timeline(callId), '-', '+')]),
    warnings,
  };
}

describe.each([
  ['in memory', openMemory],
  ['in Redis', openRedis],
])('a record of a newer release, %s', (_where, open) => {
  const newer = expect.objectContaining({ code: 'newer-schema', schema: 2 }) as unknown;

  it('is neither read nor written', async () => {
    const { calls, upgrade, snapshot } = open();
    const leg = newLeg();
    const callId = await createBridged(calls, leg);
    await upgrade(callId, { schema: 2, state: 'humming' });
    const before = await snapshot(callId);
    await expect(calls.load(callId)).rejects.toEqual(newer);
    await expect(
      calls.apply(callId, { type: 'media-closed', source: 'gateway', streamSid: leg.streamSid, why: 'stop' }),
    ).rejects.toEqual(newer);
    await expect(calls.create({ ...sampleCall(), callId }, null)).rejects.toEqual(newer);
    expect(await snapshot(callId)).toBe(before);
  });

  it('is not created again under its idempotency key', async () => {
    const { calls, upgrade } = open();
    const account = newAccount();
    const asked = sampleCall({ account }, 'key-1');
    await calls.create(asked, keyed(account, 'key-1'));
    await upgrade(asked.callId, { schema: 2 });
    await expect(calls.create(sampleCall({ account }, 'key-1'), keyed(account, 'key-1'))).rejects.toEqual(newer);
  });

  it('keeps its media lease, its deadline and its leg: those who ask for them are told', async () => {
    const { calls, upgrade } = open();
    const leg = newLeg();
    const callId = await createBridged(calls, leg);
    await upgrade(callId, { schema: 2 });
    expect(await calls.renewLeases(leg.gatewayId, [{ callId, streamSid: leg.streamSid }])).toEqual({ close: [] });
    expect(await calls.findBySid(leg.sid)).toBe(callId);
    expect(await calls.underWay()).toContain(callId);
  });

  it('is missing from a page, and the others are there', async () => {
    const { calls, upgrade } = open();
    const [one, other] = [await createSample(calls), await createSample(calls)];
    await upgrade(one, { schema: 2 });
    const page = await calls.list({ limit: 10, cursor: null });
    expect(page.calls.map(({ callId }) => callId)).toEqual([other]);
  });

  it('is said once, not each time', async () => {
    const { calls, upgrade, warnings } = open();
    const callId = await createSample(calls);
    await upgrade(callId, { schema: 2 });
    for (let i = 0; i < 3; i++) await expect(calls.load(callId)).rejects.toEqual(newer);
    expect(warnings).toEqual([{ callId, schema: 2 }]);
  });

  it('is another thing than one that only has a field more: that field is kept', async () => {
    const { calls, upgrade } = open();
    const callId = await createBridged(calls, newLeg());
    await upgrade(callId, { schema: 1, weather: 'fine' });
    await calls.apply(callId, { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' });
    expect((await calls.load(callId))?.call).toMatchObject({ state: 'ending', weather: 'fine' });
  });
});
