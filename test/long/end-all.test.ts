import type { CallView } from '@onhook/contracts';
import type { LedgerEntry } from '@onhook/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';

const CALLS = 30;
let house: TestHouse;
beforeAll(async () => {
  // How busy this machine is, is not what is tested.
  house = await openTestHouse({ env: { MAX_LOOP_LAG_MS: '5000', MAX_LOOP_UTILISATION_PERCENT: '100' } });
});
afterAll(() => house.close());

const post = (path: string, body: unknown, method = 'POST'): Promise<Response> =>
  house.api(path, { method, body: JSON.stringify(body) });

describe('the kill switch', () => {
  it(
    `ends ${CALLS} conversations, although the carrier answers slowly, and lets nothing be dialed`,
    { timeout: 120_000 },
    async () => {
      for (let i = 0; i < CALLS; i++) await house.placeCall({ to: `+1415555${8_000 + i}`, agentId: 'never-ends' });
      const calls = await allIn('bridged');
      const sids = new Set(calls.map(({ attempts }) => attempts[0]?.carrierCallId));
      // 20 requests at a time, each answered after two seconds: the last ten leave after that.
      await house.setFault({ kind: 'update-slow-after', count: CALLS, delayMs: 2_000 });
      const askedAt = Date.now();
      const answer = await post('/v1/end-all', { confirm: 'end-all-calls' });
      expect([answer.status, await answer.json()]).toEqual([202, { calls: CALLS, dialing: { enabled: false } }]);

      const endOf = (sid: unknown): LedgerEntry | undefined =>
        house.simulator.entries({ kind: 'carrier-ended' }).find(({ callSid }) => callSid === sid);
      await expect.poll(() => [...sids].filter((sid) => endOf(sid)).length, { timeout: 15_000 }).toBe(CALLS);
      // Nobody waits for a slot at the carrier: the gateway closes the sockets, and <Hangup/> runs.
      const latest = Math.max(...[...sids].map((sid) => endOf(sid)!.at));
      expect(latest - askedAt).toBeLessThan(4_000);

      const ended = await allIn('ended');
      expect(new Set(ended.map(({ cause, endedParty }) => `${cause} ${endedParty}`))).toEqual(
        new Set(['operator-ended-call operator']),
      );

      const waiting = await house.placeCall({ to: '+14155558100', agentId: 'never-ends' });
      await expect.poll(async () => (await house.readCall(waiting.id)).state).toBe('queued');
      expect((await post('/v1/dialing', { enabled: true }, 'PUT')).status).toBe(200);
      await house.until(waiting.id, ['bridged'], 30_000);
      await post(`/v1/calls/${waiting.id}/end`, {});
      await house.until(waiting.id, ['ended'], 20_000);
    },
  );
});

/** One question for all of them. */
async function allIn(state: CallView['state']): Promise<CallView[]> {
  const look = async (): Promise<CallView[]> =>
    ((await (await house.api('/v1/calls?limit=200')).json()) as { data: CallView[] }).data;
  await expect
    .poll(async () => (await look()).filter((call) => call.state === state).length, { timeout: 60_000, interval: 200 })
    .toBe(CALLS);
  return look();
}
