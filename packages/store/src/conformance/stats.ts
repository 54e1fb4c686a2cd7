import type { E164 } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { applyAll, createSample, FROM, newLeg, ordinaryLife } from './sample-call.js';
import type { Harness } from './world.js';

const STRANGER = '+14155550133' as E164;

export function statsConformance(harness: () => Harness): void {
  describe('statistics', () => {
    it('count a call once, with the commit that ends it', async () => {
      const world = await harness().world();
      const { calls, stats } = await world.open();
      const ended = [];
      for (let i = 0; i < 2; i++) {
        const callId = await createSample(calls);
        await applyAll(calls, callId, ordinaryLife(newLeg()));
        // News of later changes nothing.
        await calls.apply(callId, { type: 'end-asked', source: 'api', by: 'operator', cause: 'operator-ended-call' });
        ended.push((await calls.load(callId))!.call);
      }
      const waiting = await createSample(calls);
      await calls.apply(waiting, { type: 'end-asked', source: 'api', by: 'operator', cause: 'canceled' });
      await calls.apply(waiting, { type: 'settled', source: 'hangup', n: 0 });
      await createSample(calls);

      const [one] = ended;
      if (one?.state !== 'ended') return expect.unreachable();
      const span = { from: one.endedAt - 60_000, to: one.endedAt + 60_000 };
      const sum = (rows: readonly { calls: number; attempts: number; answered: number }[]) =>
        rows.reduce((all, { calls: c, attempts: t, answered: a }) => [all[0]! + c, all[1]! + t, all[2]! + a], [0, 0, 0]);
      const other = await (await world.open()).stats.read({ ...span, by: 'all' });
      expect(sum(other)).toEqual([3, 2, 2]);
      expect(sum(await stats.read({ ...span, by: 'from', numbers: [FROM, STRANGER] }))).toEqual([2, 2, 2]);
      expect(await stats.read({ ...span, by: 'from', numbers: [STRANGER] })).toEqual([]);
      expect(sum(await stats.read({ ...span, by: 'agent' }))).toEqual([3, 2, 2]);
      const causes = await stats.read({ ...span, by: 'cause' });
      expect(new Set(causes.map(({ which }) => which))).toEqual(new Set([one.attempts[0]!.over!.cause, 'canceled']));
      expect(await stats.read({ from: span.from - 7_200_000, to: span.from - 7_100_000, by: 'all' })).toEqual([]);
    });
  });
}
