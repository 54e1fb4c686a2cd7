import { afterEach, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';
import { startRedisCluster, startRedisSentinels } from '../redis-topologies.js';
import { startRedisWithTls } from '../redis-tls.js';

let house: Pick<TestHouse, 'close'> | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

const number = (i: number): string => `+1415555${String(2_000 + i)}`;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Asks for a call until it is accepted, under one idempotency key, as a client does while a server is away. */
async function placeUntilAccepted({ api }: Pick<TestHouse, 'api'>, i: number): Promise<string> {
  const body = JSON.stringify({ to: number(i), agentId: 'short' });
  for (const giveUpAt = Date.now() + 60_000; ;) {
    const response = await api('/v1/calls', { method: 'POST', body, headers: { 'Idempotency-Key': `call-${i}` } });
    if (response.ok) return ((await response.json()) as { id: string }).id;
    if (response.status !== 503 && response.status !== 429) throw new Error(`${response.status}: ${await response.text()}`);
    if (Date.now() > giveUpAt) throw new Error('no call was accepted for a minute');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

type AnyHouse = Pick<TestHouse, 'api' | 'until' | 'simulator'>;

/** Every accepted call has ended, explained, and no phone rang twice. */
async function expectAllEnded({ until, simulator }: AnyHouse, ids: readonly string[], causes: readonly string[]): Promise<void> {
  for (const id of ids) expect(causes).toContain((await until(id, ['ended'], 240_000)).cause);
  const rang = simulator.entries({ kind: 'rang' }).map((entry) => entry['to']);
  expect(new Set(rang).size, 'every call has a number of its own').toBe(rang.length);
  expect(simulator.entries({ kind: 'carrier-ended' }).length).toBe(rang.length);
}

describe('on a Redis Cluster of three primaries and three replicas', () => {
  it('calls are placed, spoken and ended', async () => {
    const here = await openTestHouse({ startRedis: startRedisCluster, env: { WAIT_REPLICAS: '1' } });
    house = here;
    const ids = await Promise.all(range(6).map((i) => placeUntilAccepted(here, i)));
    await expectAllEnded(here, ids, ['agent-ended-call']);
  });

  it('no acknowledged call is lost and no phone rings twice when a primary is killed', async () => {
    const here = await openTestHouse({ startRedis: startRedisCluster, env: { WAIT_REPLICAS: '1' } });
    house = here;
    const before = await Promise.all(range(6).map((i) => placeUntilAccepted(here, i)));
    const [victim] = await here.redis.primaries();
    await victim!.kill();
    const accepted = Promise.all(range(6).map((i) => placeUntilAccepted(here, 100 + i)));
    // Its replica takes over and has none itself: with WAIT 1 those shards accept nothing until the lost server is back.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await victim!.restart();
    await expectAllEnded(here, [...before, ...(await accepted)], EXPLAINED);
  });

  it('no acknowledged call is lost and no phone rings twice when a primary is paused for 7 s', async () => {
    const here = await openTestHouse({ startRedis: startRedisCluster, env: { WAIT_REPLICAS: '1' } });
    house = here;
    const before = await Promise.all(range(6).map((i) => placeUntilAccepted(here, i)));
    const [victim] = await here.redis.primaries();
    victim!.pause();
    const during = Promise.all(range(6).map((i) => placeUntilAccepted(here, 100 + i)));
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    victim!.resume();
    await expectAllEnded(here, [...before, ...(await during)], EXPLAINED);
  });
});

describe('with Redis Sentinel', () => {
  it('calls go on after the primary was killed', async () => {
    const here = await openTestHouse({ startRedis: startRedisSentinels, env: { WAIT_REPLICAS: '1' } });
    house = here;
    const before = await Promise.all(range(3).map((i) => placeUntilAccepted(here, i)));
    await here.redis.primary.kill();
    const accepted = Promise.all(range(3).map((i) => placeUntilAccepted(here, 100 + i)));
    // What was its replica is the primary now; nothing is accepted before somebody follows that one.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await here.redis.primary.restart();
    const after = await accepted;
    await expectAllEnded(here, [...before, ...after], EXPLAINED);
  });
});

describe('over TLS, as a user who may do what deploy/redis-user.acl says', () => {
  it('calls are placed, spoken and ended', async () => {
    const redis = await startRedisWithTls();
    const here = await openTestHouse({
      startRedis: () => Promise.resolve(redis),
      env: { NODE_EXTRA_CA_CERTS: redis.caFile },
    });
    house = here;
    const ids = await Promise.all(range(2).map((i) => placeUntilAccepted(here, i)));
    await expectAllEnded(here, ids, ['agent-ended-call']);
  });
});

/** What may end a call that Redis left alone in the middle; each is explained. */
const EXPLAINED = [
  'agent-ended-call',
  'gateway-lost',
  'media-lost',
  'no-media',
  'submission-lost',
  'callee-hung-up',
  'operator-ended-call',
  'silence-timed-out',
];
