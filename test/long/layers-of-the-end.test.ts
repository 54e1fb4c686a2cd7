import { readFileSync } from 'node:fs';
import { systemTimers } from '@onhook/service';
import type { LedgerEntry } from '@onhook/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse({ env: { RECONCILE_EVERY_MS: '2000' } });
});
afterAll(() => house.close());

const endedEntry = (sid: string, withinMs: number): Promise<LedgerEntry> =>
  house.simulator.whenEntry((entry) => entry.kind === 'carrier-ended' && entry.callSid === sid, withinMs);

describe('the last layers of the end:', () => {
  it('a leg from our number that no record knows is hung up by the reconciler', { timeout: 120_000 }, async () => {
    const { simulator } = house;
    const answer = await fetch(`${simulator.url}/2010-04-01/Accounts/${simulator.accountSid}/Calls.json`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${simulator.accountSid}:${simulator.authToken}`).toString('base64')}` },
      body: new URLSearchParams({
        To: '+14155559500',
        From: '+15005550006',
        Twiml: `<Response>${'<Pause length="40"/>'.repeat(5)}</Response>`,
      }),
    });
    const { sid } = (await answer.json()) as { sid: string };
    const placedAt = Date.now();
    const ended = await endedEntry(sid, 80_000);
    expect(ended['by']).toBe('rest');
    expect(ended.at - placedAt).toBeGreaterThan(29_000);
    expect(readFileSync(house.program('hangup').logFile, 'utf8')).toContain('"layer":"reconciler"');
  });

  it(
    'the watchdog within 10 s, when the gateway process is frozen, with the lease of production (6 s)',
    { timeout: 60_000 },
    async () => {
      const { id } = await house.placeCall({ to: '+14155559502', agentId: 'never-ends' });
      const { attempts } = await house.until(id, ['bridged'], 20_000);
      const { pid } = house.program('gateway');
      process.kill(pid, 'SIGSTOP');
      const frozenAt = Date.now();
      try {
        const ended = await endedEntry(attempts[0]!.carrierCallId!, 15_000);
        console.log(`gateway frozen: the leg was over after ${ended.at - frozenAt} ms`);
        expect([ended['by'], ended.at - frozenAt < 10_000]).toEqual(['rest', true]);
        expect(await house.until(id, ['ended'], 20_000)).toMatchObject({ cause: 'gateway-lost', endedBy: 'watchdog' });
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    },
  );

  it('none, when Redis was away for longer than that lease', { timeout: 90_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155559503', agentId: 'never-ends' });
    const { attempts } = await house.until(id, ['bridged'], 20_000);
    house.redis.pause();
    await systemTimers.sleep(8_000);
    house.redis.resume();
    await systemTimers.sleep(9_000);
    expect(house.simulator.entries({ call: attempts[0]!.carrierCallId!, kind: 'carrier-ended' })).toEqual([]);
    await house.api(`/v1/calls/${id}/end`, { method: 'POST', body: '{}' });
    expect(await house.until(id, ['ended'], 20_000)).toMatchObject({ cause: 'operator-ended-call' });
  });

  it("the carrier's own time limit, when every process of ours is frozen", { timeout: 180_000 }, async () => {
    const { id } = await house.placeCall({ to: '+14155559501', agentId: 'never-ends', limits: { maxDurationSeconds: 30 } });
    const { attempts } = await house.until(id, ['bridged'], 20_000);
    const pids = (['api', 'gateway', 'dialer', 'hangup'] as const).map((name) => house.program(name).pid);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      const ended = await endedEntry(attempts[0]!.carrierCallId!, 90_000);
      expect(ended['by']).toBe('time-limit');
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await systemTimers.sleep(1_000);
    const call = await house.until(id, ['ended'], 60_000);
    expect(call).toMatchObject({ disposition: 'completed', endedBy: 'time-limit' });
  });
});
