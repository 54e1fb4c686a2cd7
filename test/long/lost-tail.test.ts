import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { systemTimers } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';
import { startRedis } from '../redis.js';

const CALLS = 12;

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse({ startRedis: () => startRedis({ appendfsync: 'everysec' }) });
});
afterAll(() => house.close());

/** The part of the append-only file that Redis writes to. */
function tailFile(): string {
  const dir = path.join(house.redis.dir, 'appendonlydir');
  return path.join(
    dir,
    readdirSync(dir).find((name) => name.endsWith('.incr.aof'))!,
  );
}

/** A power cut: Redis is killed, and what it wrote in its last second has never reached the disk. */
async function cutPower(): Promise<void> {
  const sizes: { at: number; bytes: number }[] = [];
  const file = tailFile();
  const until = Date.now() + 1_500;
  while (Date.now() < until) {
    sizes.push({ at: Date.now(), bytes: statSync(file).size });
    await systemTimers.sleep(25);
  }
  const killedAt = Date.now();
  await house.redis.kill();
  const kept = sizes.filter(({ at }) => at <= killedAt - 1_000).at(-1)!;
  expect(statSync(file).size).toBeGreaterThan(kept.bytes);
  truncateSync(file, kept.bytes);
  await house.redis.restart();
}

describe('one Redis server that writes once a second and loses its last second', () => {
  it('rings no phone twice, and forgets no leg at the carrier', { timeout: 180_000 }, async () => {
    const numbers = Array.from({ length: CALLS }, (_, i) => `+1415555${9_000 + i}`);
    // Older than the power cut, and not dialed yet: the dialer is frozen until the last second has begun.
    const { pid } = house.program('dialer');
    process.kill(pid, 'SIGSTOP');
    const placed = await Promise.all(numbers.map((to) => house.placeCall({ to, agentId: 'never-ends' })));
    await systemTimers.sleep(500);
    const cut = cutPower();
    await systemTimers.sleep(700);
    process.kill(pid, 'SIGCONT');
    await cut;
    await expect.poll(async () => (await fetch(`${house.apiUrl}/readyz`)).status, { timeout: 20_000 }).toBe(200);

    const rings = (to: string): number => house.simulator.entries({ kind: 'rang' }).filter((entry) => entry['to'] === to).length;
    // Queued again, if Redis says so, they wait 20 s, and then the carrier is looked at.
    await systemTimers.sleep(30_000);
    expect(numbers.map(rings).filter((count) => count > 1)).toEqual([]);
    expect(numbers.some((to) => rings(to) === 1)).toBe(true);

    // Whatever is left at the carrier has a record that knows it, or is hung up by the reconciler.
    const known = await Promise.all(
      placed.map(async ({ id }) => {
        const answer = await house.api(`/v1/calls/${id}`);
        return answer.ok ? ((await answer.json()) as { attempts: { carrierCallId: string | null }[] }) : null;
      }),
    );
    const logs = (['api', 'gateway', 'dialer', 'hangup'] as const)
      .map((name) => readFileSync(house.program(name).logFile, 'utf8'))
      .join('\n');
    // Else the cut took nothing, and all of this proves nothing.
    expect(logs).toContain('record-was-behind');
    const lost = known.filter((call) => call === null).length;
    console.log(`accepted calls ${CALLS}, lost ${lost}, rang ${numbers.filter((to) => rings(to) > 0).length}`);
    await house.api('/v1/end-all', { method: 'POST', body: JSON.stringify({ confirm: 'end-all-calls' }) });
    const live = (): number => {
      const of = (kind: string): Set<string | undefined> =>
        new Set(house.simulator.entries({ kind }).map((entry) => entry.callSid));
      const ended = of('carrier-ended');
      return [...of('rang')].filter((sid) => !ended.has(sid)).length;
    };
    await expect.poll(live, { timeout: 70_000, interval: 500 }).toBe(0);
    expect(numbers.map(rings).filter((count) => count > 1)).toEqual([]);
  });
});
