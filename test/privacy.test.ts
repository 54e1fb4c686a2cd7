import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from './house.js';

/** A number, a name, a note, last words, a word in the metadata, and what the agent says: none of it may be found outside. */
const TO = '+14155550391';
const LISTED = '+14155550392';
const CANARIES = [
  TO.slice(2),
  LISTED.slice(2),
  'Zaphod',
  'Slartibartfast',
  'magrathea',
  'how are you today',
  'have a lovely day',
];

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(() => house.close());

/** Everything that Redis has written down since it started: each command with its arguments, of every key there ever was. */
function writtenByRedis(): string {
  const files = readdirSync(house.redis.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(path.join(file.parentPath, file.name), 'latin1')).join('\n');
}

describe('with a DATA_KEY, as every launched house has one', () => {
  beforeAll(async () => {
    const listed = await house.api('/v1/do-not-call', {
      method: 'POST',
      body: JSON.stringify({ numbers: [LISTED], note: 'Slartibartfast asked' }),
    });
    expect(listed.status).toBe(200);
    const { id } = await house.placeCall({
      to: TO,
      agentId: 'short',
      variables: { name: 'Zaphod' },
      metadata: { planet: 'magrathea' },
    });
    await house.until(id, ['ended'], 60_000);
    const refused = await house.placeCall({ to: LISTED, agentId: 'short' });
    const call = await house.until(refused.id, ['ended'], 30_000);
    expect(call).toMatchObject({ cause: 'do-not-call', attempts: [] });
  }, 120_000);

  it('no number and no word of a call stands in anything that Redis holds or ever held', () => {
    const dump = writtenByRedis();
    expect(dump.length).toBeGreaterThan(20_000);
    // It is all there, queues included, and yet:
    expect(dump).toMatch(/:hangup:|hangup/);
    for (const canary of CANARIES) expect([canary, dump.includes(canary)]).toEqual([canary, false]);
  });

  it('nor is any of it in what a client of Redis can read', async () => {
    const redis = new Redis(house.redis.url);
    try {
      const keys = await redis.keys('*');
      expect(keys.length).toBeGreaterThan(20);
      for (const canary of CANARIES) expect(keys.join('\n')).not.toContain(canary);
    } finally {
      redis.disconnect();
    }
  });

  it('nor in a log, and neither is a key or a token', () => {
    const logs = (['api', 'gateway', 'dialer', 'hangup'] as const)
      .map((name) => readFileSync(house.program(name).logFile, 'utf8'))
      .join('\n');
    for (const secret of [...CANARIES, house.apiKey, house.simulator.authToken])
      expect([secret, logs.includes(secret)]).toEqual([secret, false]);
  });

  it('and all of it comes back to who may see it', async () => {
    const list = (await (await house.api('/v1/calls')).json()) as { data: { to: string; variables: { name?: string } }[] };
    expect(list.data.find(({ to }) => to === TO)?.variables.name).toBe('Zaphod');
    const entry = (await (await house.api(`/v1/do-not-call/${LISTED}`)).json()) as { note: string };
    expect(entry.note).toBe('Slartibartfast asked');
  });
});
