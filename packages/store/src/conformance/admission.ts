import type { E164 } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import type { AdmissionRequest } from '../ports/admission.js';
import { FROM, idFor, newAccount, TO } from './sample-call.js';
import { happens, type Harness } from './world.js';

const OTHER = '+14155550188' as E164;
const request = (account: string, given: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  account,
  callId: idFor(account, null),
  n: 1,
  to: TO,
  from: null,
  leaseMs: 60_000,
  ...given,
});

export function admissionConformance(harness: () => Harness): void {
  describe('admission', () => {
    it('grants up to the limit, over all processes, and lets the account wait beyond it', async () => {
      const world = await harness().world();
      const stores = await Promise.all(Array.from({ length: 8 }, () => world.open()));
      const account = newAccount();
      const asked = await Promise.all(
        stores.map((store) => store.admission({ fromNumbers: [FROM], maxConcurrent: 3 }).ask(request(account))),
      );
      expect(asked.filter(({ verdict }) => verdict === 'granted')).toHaveLength(3);
      const refused = asked.find(({ verdict }) => verdict === 'account-waits');
      expect(refused).toMatchObject({ reason: 'max-concurrent', retryInMs: 1_000 });
      expect(await stores[0]!.admission({ fromNumbers: [FROM], maxConcurrent: 3 }).ask(request(newAccount()))).toMatchObject({
        verdict: 'granted',
      });
    });

    it('gives the same attempt the same place, and frees it once', async () => {
      const admission = (await (await harness().world()).open()).admission({ fromNumbers: [FROM, OTHER], maxConcurrent: 1 });
      const account = newAccount();
      const first = request(account);
      const granted = await admission.ask(first);
      expect(granted.verdict).toBe('granted');
      expect(await admission.ask(first)).toEqual(granted);
      expect((await admission.ask({ ...first, n: 2 })).verdict).toBe('account-waits');
      await admission.release(account, first.callId, 1);
      await admission.release(account, first.callId, 1);
      expect((await admission.ask({ ...first, n: 2 })).verdict).toBe('granted');
      expect((await admission.ask(first)).verdict).toBe('account-waits');
    });

    it('takes a lease back when its time is over', async () => {
      const world = await harness().world();
      const admission = (await world.open()).admission({ fromNumbers: [FROM], maxConcurrent: 1 });
      const account = newAccount();
      await admission.ask(request(account, { leaseMs: 600 }));
      expect((await admission.ask(request(account))).verdict).toBe('account-waits');
      expect(await happens(world, 3_000, async () => (await admission.ask(request(account))).verdict === 'granted')).toBe(true);
    });

    it('calls from the number asked for, if it is ours, else lets them take turns', async () => {
      const admission = (await (await harness().world()).open()).admission({ fromNumbers: [FROM, OTHER], maxConcurrent: 1_000 });
      const account = newAccount();
      expect(await admission.ask(request(account, { from: OTHER }))).toEqual({ verdict: 'granted', from: OTHER });
      expect(await admission.ask(request(account, { from: TO }))).toMatchObject({
        verdict: 'held',
        reason: 'from-not-configured',
      });
      const chosen = await Promise.all(Array.from({ length: 40 }, () => admission.ask(request(account))));
      expect(new Set(chosen.map((answer) => answer.verdict === 'granted' && answer.from))).toEqual(new Set([FROM, OTHER]));
    });
  });
}
