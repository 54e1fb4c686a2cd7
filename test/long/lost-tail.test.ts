import { readFileSync } from 'node:fs';
import { systemTimers } from '@onhook/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';
import { cutPower } from '../power-cut.js';
import { startRedis } from '../redis.js';

const OLDER = 4;
const LATE = 10;

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse({
    startRedis: () => startRedis({ appendfsync: 'everysec' }),
    env: { DURABILITY: 'appendfsync-everysec' },
  });
});
afterAll(() => house.close());

describe('one Redis server that writes once a second and loses its last second', () => {
  it(
    'rings no phone twice, counts what it has lost, and leaves no leg up that it has forgotten',
    { timeout: 240_000 },
    async () => {
      const number = (i: number): string => `+1415555${9_000 + i}`;
      const place = (i: number): Promise<{ id: string }> => house.placeCall({ to: number(i), agentId: 'never-ends' });
      // Older than the power cut, and not dialed yet: the dialer is frozen until the last second has begun.
      const { pid } = house.program('dialer');
      process.kill(pid, 'SIGSTOP');
      const older = await Promise.all(Array.from({ length: OLDER }, (_, i) => place(i)));
      await systemTimers.sleep(500);
      const cut = cutPower(house.redis, 2_000);
      await systemTimers.sleep(1_020);
      process.kill(pid, 'SIGCONT');
      // Accepted, and perhaps dialed, in the second that is lost.
      const late = (await Promise.all(Array.from({ length: LATE }, (_, i) => place(OLDER + i).catch(() => null)))).filter(
        (call) => call !== null,
      );
      expect(await cut, 'bytes that were lost').toBeGreaterThan(0);
      await house.redis.restart();
      await expect.poll(async () => (await fetch(`${house.apiUrl}/readyz`)).status, { timeout: 20_000 }).toBe(200);

      const rings = (to: string): number =>
        house.simulator.entries({ kind: 'rang' }).filter((entry) => entry['to'] === to).length;
      const everybody = Array.from({ length: OLDER + LATE }, (_, i) => number(i));
      const isKnown = async ({ id }: { id: string }): Promise<boolean> => (await house.api(`/v1/calls/${id}`)).ok;
      const lost = (await Promise.all([...older, ...late].map(isKnown))).filter((known) => !known).length;
      const forgotten = (await Promise.all(late.map(isKnown))).filter((known) => !known).length;
      const legsOfForgotten = everybody.slice(OLDER).filter((to) => rings(to) > 0).length;
      console.log(
        `accepted ${OLDER + late.length}, lost ${lost} (all of the last second: ${forgotten}), ${legsOfForgotten} of them with a leg`,
      );
      // Else the cut took nothing, and all of this proves nothing.
      expect(late.length, 'calls accepted in the last second').toBeGreaterThan(0);
      expect(forgotten, 'of them lost').toBeGreaterThan(0);
      expect(lost, 'nothing older is lost').toBe(forgotten);
      expect(legsOfForgotten, 'legs that no record knows').toBeGreaterThan(0);

      // Queued again, if Redis says so, they wait 20 s, and then the carrier is looked at.
      await systemTimers.sleep(30_000);
      expect(everybody.map(rings).filter((count) => count > 1)).toEqual([]);
      expect(everybody.some((to) => rings(to) === 1)).toBe(true);
      const logs = (['api', 'gateway', 'dialer', 'hangup'] as const)
        .map((name) => readFileSync(house.program(name).logFile, 'utf8'))
        .join('\n');
      expect(logs).toContain('record-was-behind');

      // A leg that no record knows ends without anybody asking: its gateway is told to close, or the reconciler finds it.
      const live = (numbers: readonly string[]): number => {
        const legs = house.simulator.entries({ kind: 'rang' }).filter((entry) => numbers.includes(String(entry['to'])));
        const ended = new Set(house.simulator.entries({ kind: 'carrier-ended' }).map((entry) => entry.callSid));
        return legs.filter((entry) => !ended.has(entry.callSid)).length;
      };
      await expect.poll(() => live(everybody.slice(OLDER)), { timeout: 70_000, interval: 500 }).toBe(0);
      await house.api('/v1/end-all', { method: 'POST', body: JSON.stringify({ confirm: 'end-all-calls' }) });
      await expect.poll(() => live(everybody), { timeout: 70_000, interval: 500 }).toBe(0);
      expect(everybody.map(rings).filter((count) => count > 1)).toEqual([]);
    },
  );
});
