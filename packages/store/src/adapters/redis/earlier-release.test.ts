import { readFileSync } from 'node:fs';
import { transition, type Call } from '@onhook/call';
import { STATES, type CallId } from '@onhook/contracts';
import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../../test/redis.js';
import type { Calls } from '../../ports/calls.js';
import { connectRedis, createRedisStore, type RedisClient } from './index.js';

type Kept = { readonly key: string } & (
  | { readonly type: 'hash'; readonly value: Readonly<Record<string, string>> }
  /** Member and score in turn. */
  | { readonly type: 'zset'; readonly value: readonly string[] }
  | { readonly type: 'stream'; readonly value: readonly [id: string, fields: string[]][] }
  /** Base64. */
  | { readonly type: 'string'; readonly value: string }
);

const release = JSON.parse(
  readFileSync(new URL('../../../../../test/fixtures/release-0.1.0/records.json', import.meta.url), 'utf8'),
) as { calls: Record<string, CallId>; keys: Kept[] };
const names = Object.entries(release.calls);

let server: TestRedis;
let redis: RedisClient;
let calls: Calls;
beforeAll(async () => {
  server = await startRedis({ appendfsync: 'no' });
  redis = await connectRedis(server.url, 'producer', { logger: silentLogger });
  for (const kept of release.keys) await putBack(kept);
  calls = createRedisStore({ redis, prefix: 'onhook', chance: systemChance, timers: systemTimers, logger: silentLogger }).calls;
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

async function putBack(kept: Kept): Promise<void> {
  const { key } = kept;
  if (kept.type === 'hash') await redis.hset(key, kept.value);
  if (kept.type === 'zset') {
    for (let i = 0; i < kept.value.length; i += 2) await redis.zadd(key, kept.value[i + 1]!, kept.value[i]!);
  }
  if (kept.type === 'stream') for (const [id, fields] of kept.value) await redis.xadd(key, id, ...fields);
  if (kept.type === 'string') await redis.set(key, Buffer.from(kept.value, 'base64'));
}

async function load(callId: CallId): Promise<Call> {
  return (await calls.load(callId))!.call;
}

/** As the watchdog would, if nothing else ever happened. */
function passDeadlines(from: Call): Call {
  let call = from;
  for (let steps = 0; call.deadline !== null && steps < 2_000; steps++) {
    call = transition(call, { type: 'deadline-passed', deadline: call.deadline, at: call.deadline, source: 'watchdog' }).call;
  }
  return call;
}

describe('the records of release 0.1.0', () => {
  it('are of every state', async () => {
    const states = await Promise.all(names.map(async ([, callId]) => (await load(callId)).state));
    expect([...new Set(states)].toSorted()).toEqual([...STATES].toSorted());
  });

  it.each(names)('%s: is read with its timeline, and reaches its end by deadlines alone', async (_name, callId) => {
    const loaded = await calls.load(callId);
    const timeline = await calls.timeline(callId);
    expect(timeline).toHaveLength(loaded!.version);
    expect(timeline.at(-1)?.state).toBe(loaded!.call.state);
    const end = passDeadlines(loaded!.call);
    expect(end.state).toBe('ended');
    const { policy, variables, to } = loaded!.call;
    expect(end).toMatchObject({ policy, variables, to });
  });

  it('are found by age, by leg, by deadline and by lease', async () => {
    const page = await calls.list({ limit: 100, cursor: null });
    expect(page.calls.map(({ callId }) => callId).toSorted()).toEqual(names.map(([, callId]) => callId).toSorted());
    const bridged = await load(release.calls['bridged']!);
    expect(await calls.findBySid(bridged.attempts[0]!.sid!)).toBe(bridged.callId);
    const underWay = await calls.underWay();
    for (const name of ['dialing', 'unconfirmed', 'bridged', 'transferred', 'ending']) {
      expect(underWay).toContain(release.calls[name]);
    }
    if (bridged.state !== 'bridged') return expect.unreachable();
    const stream = { callId: bridged.callId, streamSid: bridged.owner.streamSid };
    expect(await calls.renewLeases(bridged.owner.gatewayId, [stream])).toEqual({ close: [] });
  });

  // The last one: it changes them.
  it.each(names)('%s: takes the next event, and its history goes on', async (_name, callId) => {
    const before = (await calls.load(callId))!;
    const applied = await calls.apply(callId, { type: 'end-asked', source: 'api', cause: 'operator-ended-call', by: 'operator' });
    expect(['ending', 'settling', 'ended']).toContain(applied?.call.state);
    const after = (await calls.load(callId))!;
    expect(after.version).toBe(before.version + 1);
    expect(await calls.timeline(callId)).toHaveLength(after.version);
  });
});
