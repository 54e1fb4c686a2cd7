import { describe, expect, it } from 'vitest';
import { granted, placesAfter } from './admission-answers.js';
import { BOTH, nextNumber, OTHER_FROM, request, RUNNING, THIRD_FROM } from './admission-request.js';
import { FROM, newAccount, TO } from './sample-call.js';
import { happens, type Harness } from './world.js';

export function admissionConformance(harness: () => Harness): void {
  const opened = async (limits = {}) => (await (await harness().world()).open()).admission({ ...BOTH, limits });

  describe('a place among the calls in flight', () => {
    it('is granted up to the limit, over all processes, and beyond it the account waits', async () => {
      const world = await harness().world();
      const stores = await Promise.all(Array.from({ length: 8 }, () => world.open()));
      const limits = { fromNumbers: [FROM], limits: { maxConcurrent: 3 } };
      const account = newAccount();
      const asked = await Promise.all(stores.map((store) => store.admission(limits).ask(request(account))));
      expect(asked.filter(({ verdict }) => verdict === 'granted')).toHaveLength(3);
      const refused = asked.find(({ verdict }) => verdict === 'account-waits');
      expect(refused).toMatchObject({ reason: 'max-concurrent', retryInMs: 1_000 });
      const wait = await stores[0]!.control.accountWait(account);
      expect(wait).toMatchObject({ reason: 'max-concurrent' });
      expect(await stores[0]!.control.accountWait(newAccount())).toBeNull();
      expect(await stores[0]!.admission(limits).ask(request(newAccount()))).toMatchObject({ verdict: 'granted' });
    });

    it('is the same for the same attempt, and is given back once', async () => {
      const admission = await opened({ maxConcurrent: 1 });
      const account = newAccount();
      const first = request(account);
      const granted = await admission.ask(first);
      expect(granted).toMatchObject({ verdict: 'granted', inMs: 0 });
      expect(await admission.ask(first)).toEqual({ ...granted, askedUs: expect.any(Number) as number });
      const other = request(account);
      expect((await admission.ask(other)).verdict).toBe('account-waits');
      await admission.release(account, first.callId, 1, 0);
      await admission.release(account, first.callId, 1, 0);
      expect((await admission.ask(other)).verdict).toBe('granted');
      expect((await admission.ask(first)).verdict).toBe('account-waits');
    });

    it('runs out when its time is over', async () => {
      const world = await harness().world();
      const admission = (await world.open()).admission({ fromNumbers: [FROM], limits: { maxConcurrent: 1 } });
      const account = newAccount();
      await admission.ask(request(account, { leaseMs: 600 }));
      expect((await admission.ask(request(account))).verdict).toBe('account-waits');
      expect(await happens(world, 3_000, async () => (await admission.ask(request(account))).verdict === 'granted')).toBe(true);
    });

    it('can be looked at, taken back and restored by who knows the records better', async () => {
      const admission = await opened({ maxConcurrent: 2 });
      const account = newAccount();
      const [one, two] = [request(account, { leaseMs: 90_000 }), request(account, { leaseMs: 30_000 })];
      await admission.ask(one);
      await admission.ask(two);
      const places = await admission.places(account);
      expect(places.map(({ callId, n }) => [callId, n])).toEqual([
        [two.callId, 1],
        [one.callId, 1],
      ]);
      expect(places[0]!.expiresAt - places[0]!.grantedAt).toBeGreaterThanOrEqual(30_000);
      expect(places[0]!.expiresAt - places[0]!.grantedAt).toBeLessThan(31_000);
      const expiresAt = places[1]!.grantedAt + 60_000;
      const lost = {
        account,
        callId: request(account).callId,
        n: 2,
        to: TO,
        from: FROM,
        campaignId: null,
        mostMinutes: 3,
        microsPerMinute: null,
        gatewayId: null,
        expiresAt,
      };
      expect(await admission.restore(lost)).toBeGreaterThan(0);
      expect(await admission.restore(lost)).toBeNull();
      expect(await admission.restore({ ...lost, n: 3, expiresAt: places[0]!.grantedAt - 1 })).toBeNull();
      expect((await admission.places(account)).map(({ n, callId }) => [callId, n])).toEqual([
        [two.callId, 1],
        [lost.callId, 2],
        [one.callId, 1],
      ]);
      expect(await admission.ask(request(account, { to: TO }))).toMatchObject({ verdict: 'held', reason: 'destination-busy' });
      await admission.release(account, lost.callId, 2, 0);
      expect(await admission.places(account)).toHaveLength(2);
      expect(await admission.places(newAccount())).toEqual([]);
    });

    it('is given back undialed only by whoever asked for it last: another process may have slept meanwhile', async () => {
      const admission = await opened();
      const account = newAccount();
      const one = request(account);
      const before = await granted(admission.ask(one));
      const after = await granted(admission.ask(one));
      expect(after.turnUs).toBe(before.turnUs);
      await admission.release(account, one.callId, 1, 'not-dialed', before.askedUs);
      const [place] = await admission.places(account);
      expect(place).toMatchObject({ callId: one.callId, askedUs: after.askedUs });
      await admission.release(account, one.callId, 1, 'not-dialed', after.askedUs);
      expect(await admission.places(account)).toEqual([]);
      const again = await granted(admission.ask(one));
      await admission.release(account, one.callId, 1, 'not-dialed', after.askedUs);
      expect(await admission.places(account)).toMatchObject([{ askedUs: again.askedUs }]);
      // What was used is known from the record: whoever settles the attempt gives it back whenever it was asked for.
      await admission.release(account, one.callId, 1, 2);
      expect(await admission.places(account)).toEqual([]);
    });

    it('is restored at the price that it was granted at, for its campaign', async () => {
      const open = await (await harness().world()).open();
      const admission = open.admission({ ...BOTH, limits: { microsPerMinute: { '*': 9 } } });
      const account = newAccount();
      await open.control.setCampaign(account, 'spring', { ...RUNNING, maxConcurrent: 1, micros: 100 });
      const one = request(account, { mostMinutes: 4, campaign: { id: 'spring', revision: 1 } });
      const { microsPerMinute, from } = await granted(admission.ask(one));
      expect(microsPerMinute).toBe(9);
      const usage = await open.control.usage(account);
      const [place] = await admission.places(account);
      await admission.release(account, one.callId, 1, 'not-dialed');
      expect(await open.control.usage(account)).toMatchObject({ inFlight: 0, microsHeld: 0 });
      const { callId, n, to } = one;
      const lost = { account, callId, n, to, from, campaignId: 'spring', mostMinutes: 4, expiresAt: place!.expiresAt };
      await admission.restore({ ...lost, microsPerMinute, gatewayId: null });
      expect(await open.control.usage(account)).toEqual(usage);
      const other = request(account, { campaign: { id: 'spring', revision: 1 } });
      expect(await admission.ask(other)).toMatchObject({ verdict: 'held', reason: 'campaign-max-concurrent' });
    });
  });

  describe('the fence around a destination', () => {
    it('keeps a second call away while the first is under way, and falls with it', async () => {
      const admission = await opened();
      const account = newAccount();
      const to = nextNumber();
      const first = request(account, { to });
      expect((await admission.ask(first)).verdict).toBe('granted');
      const second = request(account, { to });
      const held = await admission.ask(second);
      expect(held).toMatchObject({ verdict: 'held', reason: 'destination-busy' });
      expect((await admission.ask(request(newAccount(), { to }))).verdict).toBe('granted');
      await admission.release(account, second.callId, 1, 0);
      expect((await admission.ask(second)).verdict).toBe('held');
      await admission.release(account, first.callId, 1, 0);
      expect((await admission.ask(second)).verdict).toBe('granted');
    });

    it('stands until the last of those is over that got to the same number while Redis had lost its places', async () => {
      const admission = await opened();
      const account = newAccount();
      const to = nextNumber();
      const [lost, second] = [request(account, { to }), request(account, { to })];
      const [place] = await placesAfter(admission, lost);
      await admission.release(account, lost.callId, 1, 'not-dialed'); // what Redis forgot
      await admission.ask(second);
      const { callId, n, mostMinutes } = lost;
      const held = { campaignId: null, mostMinutes, microsPerMinute: null, gatewayId: null, expiresAt: place!.expiresAt };
      await admission.restore({ account, callId, n, to, from: FROM, ...held });
      const third = request(account, { to });
      expect(await admission.ask(third)).toMatchObject({ verdict: 'held', reason: 'destination-busy' });
      await admission.release(account, second.callId, 1, 0);
      expect(await admission.ask(third)).toMatchObject({ verdict: 'held', reason: 'destination-busy' });
      await admission.release(account, lost.callId, 1, 0);
      expect((await admission.ask(third)).verdict).toBe('granted');
    });

    it('falls when the place of the first has run out', async () => {
      const world = await harness().world();
      const admission = (await world.open()).admission(BOTH);
      const account = newAccount();
      const to = nextNumber();
      await admission.ask(request(account, { to, leaseMs: 300 }));
      expect(await happens(world, 3_000, async () => (await admission.ask(request(account, { to }))).verdict === 'granted')).toBe(
        true,
      );
    });
  });

  describe('the number to call from', () => {
    it('is the one asked for, if it is ours', async () => {
      const admission = await opened();
      const account = newAccount();
      expect(await admission.ask(request(account, { from: OTHER_FROM }))).toMatchObject({ verdict: 'granted', from: OTHER_FROM });
      const unknown = { verdict: 'held', reason: 'from-not-configured' };
      expect(await admission.ask(request(account, { from: THIRD_FROM }))).toMatchObject(unknown);
      expect(await admission.ask(request(account, { fromNumbers: [THIRD_FROM] }))).toMatchObject(unknown);
      expect(await admission.ask(request(account, { fromNumbers: [THIRD_FROM, OTHER_FROM] }))).toMatchObject({
        from: OTHER_FROM,
      });
    });

    it('is the least busy one, and of those the one that rested longest', async () => {
      const world = await harness().world();
      const fromNumbers = [FROM, OTHER_FROM, THIRD_FROM];
      const admission = (await world.open()).admission({ fromNumbers, limits: {} });
      const account = newAccount();
      const taken: string[] = [];
      const asked = [];
      for (let i = 0; i < 9; i++) {
        const one = request(account);
        asked.push(one);
        const answer = await admission.ask(one);
        if (answer.verdict === 'granted') taken.push(answer.from);
        await world.passMs(1);
      }
      expect(taken).toEqual([...fromNumbers, ...fromNumbers, ...fromNumbers]);
      await admission.release(account, asked[7]!.callId, 1, 0);
      expect(await admission.ask(request(account))).toMatchObject({ from: OTHER_FROM });
      for (const one of asked) await admission.release(account, one.callId, 1, 0);
      await world.passMs(1);
      expect(await admission.ask(request(account))).toMatchObject({ from: FROM });
    });

    it('has limits of its own; a call that wants just that number is held, others take another', async () => {
      const admission = await opened({ maxConcurrentPerFrom: 1 });
      const account = newAccount();
      const granted = await admission.ask(request(account, { from: FROM }));
      expect(granted).toMatchObject({ from: FROM });
      expect(await admission.ask(request(account, { from: FROM }))).toMatchObject({
        verdict: 'held',
        reason: 'from-numbers-busy',
      });
      expect(await admission.ask(request(account))).toMatchObject({ from: OTHER_FROM });
      expect(await admission.ask(request(account))).toMatchObject({ verdict: 'account-waits', reason: 'from-numbers-busy' });
    });

    it('is always the same for the same callee where that is wanted', async () => {
      const admission = await opened();
      const account = newAccount();
      const seen = new Set<string>();
      for (let callee = 0; callee < 20; callee++) {
        const to = nextNumber();
        const from = new Set<unknown>();
        for (let i = 0; i < 3; i++) {
          const one = request(account, { to, sticky: true });
          const answer = await admission.ask(one);
          from.add(answer.verdict === 'granted' && answer.from);
          await admission.release(account, one.callId, 1, 0);
        }
        expect(from.size).toBe(1);
        seen.add([...from].join());
      }
      expect(seen).toEqual(new Set([FROM, OTHER_FROM]));
    });
  });
}
