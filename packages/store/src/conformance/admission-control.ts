import { describe, expect, it } from 'vitest';
import type { AccountLimits, CampaignTerms } from '../ports/admission-control.js';
import { BOTH, request, RUNNING } from './admission-request.js';
import { newAccount } from './sample-call.js';
import type { Harness } from './world.js';

export function admissionControlConformance(harness: () => Harness): void {
  const open = async (limits: Partial<AccountLimits> = {}) => {
    const world = await harness().world();
    const store = await world.open();
    const { control, doNotCall } = await world.open();
    return { world, calls: store.calls, control, doNotCall, admission: store.admission({ ...BOTH, limits }) };
  };

  describe('the kill switch', () => {
    it('stops the very next dial, also one that was granted already and waits for its turn', async () => {
      const { control, admission } = await open();
      const account = newAccount();
      const granted = request(account);
      expect((await admission.ask(granted)).verdict).toBe('granted');
      await control.setKillSwitch(account, true);
      expect(await control.isKilled(account)).toBe(true);
      for (const one of [granted, request(account)])
        expect(await admission.ask(one)).toMatchObject({ verdict: 'account-waits', reason: 'kill-switch' });
      expect(await admission.places(account)).toEqual([]);
      expect((await admission.ask(request(newAccount()))).verdict).toBe('granted');
      await control.setKillSwitch(account, false);
      expect(await control.isKilled(account)).toBe(false);
      expect((await admission.ask(granted)).verdict).toBe('granted');
    });
  });

  describe('what can never pass', () => {
    it('is a number on the do-not-call list, also one whose dial was granted already', async () => {
      const { doNotCall, admission } = await open();
      const account = newAccount();
      const granted = request(account);
      expect((await admission.ask(granted)).verdict).toBe('granted');
      await doNotCall.add(account, [{ number: granted.to }]);
      expect(await admission.ask(granted)).toEqual({ verdict: 'refused', cause: 'do-not-call', by: 'platform' });
      expect(await admission.places(account)).toEqual([]);
      await doNotCall.remove(account, [granted.to]);
      expect((await admission.ask(granted)).verdict).toBe('granted');
    });

    it('is a country or a type of number that is not allowed', async () => {
      const { control, admission } = await open({ countries: ['US', 'CA'], numberTypes: ['mobile', 'fixed-line-or-mobile'] });
      const account = newAccount();
      const to = (country: string, type: 'mobile' | 'fixed-line') => request(account, { destination: { country, type } });
      expect((await admission.ask(to('CA', 'mobile'))).verdict).toBe('granted');
      expect(await admission.ask(to('JM', 'mobile'))).toEqual({
        verdict: 'refused',
        cause: 'country-not-allowed',
        by: 'platform',
      });
      expect(await admission.ask(to('US', 'fixed-line'))).toMatchObject({ cause: 'number-type-not-allowed' });
      await control.setLimits(account, { countries: ['JM'], numberTypes: null });
      expect((await admission.ask(to('JM', 'fixed-line'))).verdict).toBe('granted');
      expect(await admission.ask(to('US', 'mobile'))).toMatchObject({ cause: 'country-not-allowed' });
      await control.setLimits(account, { countries: [] });
      expect(await admission.ask(to('JM', 'fixed-line'))).toMatchObject({ cause: 'country-not-allowed' });
      await control.setLimits(account, { countries: 'default', numberTypes: 'default' });
      expect(await admission.ask(to('US', 'fixed-line'))).toMatchObject({ cause: 'number-type-not-allowed' });
    });
  });

  describe('limits', () => {
    it('set by an operator stand above the configured ones, at once and for every process', async () => {
      const { control, admission } = await open({ maxConcurrent: 1, callsPerSecond: 1 });
      const account = newAccount();
      expect(await control.limits(account)).toEqual({});
      const change = {
        maxConcurrent: 2,
        callsPerSecond: null,
        maxConcurrentPerFrom: 0,
        attemptsPerNumberPerDay: 3,
        microsPerMinute: { US: 14_000, '*': 500_000 },
        numberTypes: ['mobile' as const],
      };
      await control.setLimits(account, change);
      expect(await control.limits(account)).toEqual(change);
      expect(await admission.ask(request(account))).toMatchObject({ reason: 'from-numbers-busy' });
      await control.setLimits(account, { maxConcurrentPerFrom: 'default', attemptsPerNumberPerDay: null });
      const { maxConcurrentPerFrom: _, ...rest } = change;
      expect(await control.limits(account)).toEqual({ ...rest, attemptsPerNumberPerDay: null });
      const verdicts = [];
      for (let i = 0; i < 3; i++) verdicts.push((await admission.ask(request(account))).verdict);
      expect(verdicts).toEqual(['granted', 'granted', 'account-waits']);
    });

    it('that are none are refused, and nothing is changed', async () => {
      const { control } = await open();
      const account = newAccount();
      for (const change of [
        { maxConcurrent: -1 },
        { maxConcurrent: 1.5 },
        { callsPerSecond: 0 },
        { callsPerSecond: Number.NaN },
        { countries: ['us'] },
        { countries: ['US,GB'] },
        { microsPerMinute: { US: 1 } },
        { microsPerMinute: { '*': -1 } },
      ])
        await expect(control.setLimits(account, { maxConcurrentPerFrom: 7, ...change })).rejects.toThrow(RangeError);
      expect(await control.limits(account)).toEqual({});
    });
  });

  describe('what is in flight', () => {
    it('is told for the account and for each number that is called from', async () => {
      const { control, admission } = await open({ callsPerSecond: 100 });
      const account = newAccount();
      const [one, other] = BOTH.fromNumbers;
      expect(await control.inFlightFrom(account, [one!, other!])).toEqual([0, 0]);
      expect(await control.usage(account)).toMatchObject({ inFlight: 0, lastTurnAt: 0 });
      const asked = request(account, { from: one! });
      await admission.ask(asked);
      await admission.ask(request(account, { from: one! }));
      await admission.ask(request(account, { from: other! }));
      expect(await control.inFlightFrom(account, [one!, other!])).toEqual([2, 1]);
      expect((await control.usage(account)).lastTurnAt).toBeGreaterThan(1_000_000_000);
      await admission.release(account, asked.callId, 1, 1);
      expect(await control.inFlightFrom(account, [other!, one!])).toEqual([1, 1]);
    });
  });

  describe('a campaign', () => {
    const campaign = { id: 'spring', revision: 1 };

    it('dials while it runs, and not a moment longer', async () => {
      const { control, admission } = await open();
      const account = newAccount();
      const ask = (given = campaign) => admission.ask(request(account, { campaign: given }));
      expect(await ask()).toMatchObject({ verdict: 'held', reason: 'campaign-not-running' });
      await control.setCampaign(account, 'spring', RUNNING);
      const granted = request(account, { campaign });
      expect((await admission.ask(granted)).verdict).toBe('granted');
      expect(await ask({ id: 'spring', revision: 2 })).toMatchObject({ verdict: 'held', reason: 'campaign-changed' });
      await control.setCampaign(account, 'spring', { ...RUNNING, state: 'paused' });
      expect(await admission.ask(granted)).toMatchObject({ verdict: 'held', reason: 'campaign-not-running' });
      expect(await admission.places(account)).toEqual([]);
      expect((await admission.ask(request(account))).verdict).toBe('granted');
      await control.setCampaign(account, 'spring', { ...RUNNING, state: 'canceled' });
      expect(await ask()).toEqual({ verdict: 'refused', cause: 'canceled', by: 'operator' });
    });

    it('has at most so many calls in flight; the account may have more', async () => {
      const { control, admission } = await open();
      const account = newAccount();
      const terms: CampaignTerms = { ...RUNNING, maxConcurrent: 1, callsPerSecond: 2.5, minutes: 100, micros: 7 };
      await control.setCampaign(account, 'spring', terms);
      expect(await control.campaign(account, 'spring')).toEqual(terms);
      await control.setCampaign(account, 'spring', { ...RUNNING, maxConcurrent: 1 });
      const first = request(account, { campaign });
      expect((await admission.ask(first)).verdict).toBe('granted');
      expect(await control.campaignInFlight(account, 'spring')).toBe(1);
      expect(await control.campaignInFlight(account, 'autumn')).toBe(0);
      const second = request(account, { campaign });
      expect(await admission.ask(second)).toMatchObject({ verdict: 'held', reason: 'campaign-max-concurrent' });
      expect((await admission.ask(request(account))).verdict).toBe('granted');
      await admission.release(account, first.callId, 1, 0);
      expect((await admission.ask(second)).verdict).toBe('granted');
      await control.setCampaign(account, 'spring', null);
      expect(await control.campaign(account, 'spring')).toBeNull();
    });

    it('refuses names and terms that are none', async () => {
      const { control, admission } = await open();
      const account = newAccount();
      for (const id of ['', 'a|b', 'a:b', 'x'.repeat(65)]) {
        await expect(control.setCampaign(account, id, RUNNING)).rejects.toThrow(RangeError);
        await expect(admission.ask(request(account, { campaign: { id, revision: 1 } }))).rejects.toThrow(RangeError);
      }
      await expect(control.setCampaign(account, 'spring', { ...RUNNING, callsPerSecond: 0 })).rejects.toThrow(RangeError);
      await expect(control.setCampaign(account, 'spring', { ...RUNNING, minutes: Number.NaN })).rejects.toThrow(RangeError);
    });
  });

  describe('the calling window', () => {
    it('is judged by the store’s clock, half-open, at the moment of asking', async () => {
      const { calls, admission } = await open();
      const account = newAccount();
      const probe = request(account);
      await admission.ask(probe);
      const [{ grantedAt: now } = { grantedAt: 0 }] = await admission.places(account);
      expect(await calls.load(probe.callId)).toBeNull();
      const ask = (opensAt: number, closesAt: number) => admission.ask(request(account, { window: { opensAt, closesAt } }));
      expect((await ask(now - 60_000, now + 60_000)).verdict).toBe('granted');
      expect(await ask(now + 60_000, now + 120_000)).toEqual({
        verdict: 'held',
        until: now + 60_000,
        reason: 'outside-calling-window',
      });
      expect(await ask(now - 120_000, now)).toMatchObject({ verdict: 'held', reason: 'outside-calling-window' });
    });
  });
}
