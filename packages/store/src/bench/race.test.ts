import { silentLogger, systemChance, systemTimers } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../../../../test/redis.js';
import { connectRedis, createRedisAdmission, createRedisAdmissionControl, type RedisClient } from '../adapters/redis/index.js';
import { newAccount } from '../conformance/sample-call.js';
import type { Admission } from '../ports/admission.js';
import { FROM_NUMBERS, RACES, runRace } from './race.js';
import { createTally, mostInAnySecond } from './tally.js';

let server: TestRedis;
let clients: RedisClient[];
beforeAll(async () => {
  server = await startRedis({ appendfsync: 'no' });
  clients = await Promise.all(Array.from({ length: 50 }, () => connectRedis(server.url, 'producer', { logger: silentLogger })));
});
afterAll(async () => {
  for (const redis of clients) redis.disconnect();
  await server.stop();
});

const prefix = `race-${systemChance.uuid().slice(0, 8)}`;
const common = () => ({
  control: createRedisAdmissionControl({ redis: clients[0]!, prefix }),
  account: newAccount(),
  asks: 1_500,
  chance: systemChance,
  timers: systemTimers,
});

describe('50 connections that race for', () => {
  it.each(RACES)('$name never get more than there is', async (race) => {
    const connections = clients.map((redis) => createRedisAdmission({ redis, prefix, fromNumbers: FROM_NUMBERS, limits: {} }));
    const { grants, above } = await runRace({ ...common(), race, connections });
    expect(above).toEqual({});
    expect(grants).toBeGreaterThan(50);
  });

  it('places of an admission that looks first and takes then are seen to get more', async () => {
    const places = new Set<string>();
    const naive: Pick<Admission, 'ask' | 'release'> = {
      async ask({ callId }) {
        if (places.size >= 20) return { verdict: 'account-waits', retryInMs: 1, reason: 'max-concurrent' };
        await clients[0]!.ping();
        places.add(callId);
        const turnUs = systemChance.fraction();
        return { verdict: 'granted', from: FROM_NUMBERS[0]!, inMs: 0, turnUs, askedUs: 0, microsPerMinute: 0, gatewayId: null };
      },
      release: async (_, callId) => void places.delete(callId),
    };
    const { above } = await runRace({ ...common(), asks: 500, race: RACES[0]!, connections: clients.map(() => naive) });
    expect(above['account']).toBeGreaterThan(0);
  });
});

describe('the judge', () => {
  it('counts what is held at the same time', () => {
    const tally = createTally();
    for (let i = 0; i < 3; i++) tally.enter('a', 2);
    tally.leave('a');
    tally.leave('a');
    tally.enter('a', 2);
    expect(tally.above).toEqual({ a: 1 });
  });

  it('slides its second over all turns', () => {
    expect(mostInAnySecond([])).toBe(0);
    expect(mostInAnySecond([0, 500_000, 999_999, 1_000_000, 1_499_999])).toBe(4);
    expect(mostInAnySecond([1_000_000, 0])).toBe(1);
  });
});
