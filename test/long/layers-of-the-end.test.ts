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
