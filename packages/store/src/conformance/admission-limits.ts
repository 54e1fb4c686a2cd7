import { describe, expect, it } from 'vitest';
import type { Admission, AdmissionRequest, Admitted } from '../ports/admission.js';
import type { AccountLimits } from '../ports/admission-control.js';
import { BOTH, nextNumber, OTHER_FROM, request, RUNNING } from './admission-request.js';
import { FROM, newAccount } from './sample-call.js';
import { happens, type Harness } from './world.js';

const HOUR = 3_600_000;

export function admissionLimitsConformance(harness: () => Harness): void {
  const open = async (limits: Partial<AccountLimits>) => {
    const world = await harness().world();
    const store = await world.open();
    return { world, control: store.control, admission: store.admission({ ...BOTH, limits }) };
  };
  const askMany = (admission: Admission, count: number, make: () => AdmissionRequest): Promise<Admitted[]> =>
    Promise.all(Array.from({ length: count }, () => admission.ask(make())));
  const turnsOf = (answers: readonly Admitted[]): number[] =>
    answers.flatMap((answer) => (answer.verdict === 'granted' ? [answer.turnUs] : [])).toSorted((a, b) => a - b);
  const gapsOf = (turns: readonly number[]): number[] => turns.slice(1).map((turn, i) => turn - turns[i]!);

  describe('calls per second', () => {
    it('are turns that are never closer than allowed, given a little ahead; then the account waits', async () => {
      const { admission } = await open({ callsPerSecond: 20 });
      const account = newAccount();
      const answers = await askMany(admission, 60, () => request(account));
      const gaps = gapsOf(turnsOf(answers));
      expect(gaps.length).toBeGreaterThanOrEqual(9);
      for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(50_000);
      expect(answers).toContainEqual(expect.objectContaining({ verdict: 'granted', inMs: 0 }));
      const waits = answers.filter((answer) => answer.verdict === 'granted').map((answer) => answer.inMs);
      for (const inMs of waits) expect(inMs).toBeLessThanOrEqual(500);
      expect(answers).toContainEqual(expect.objectContaining({ verdict: 'account-waits', reason: 'calls-per-second' }));
    });

    it('are not charged twice for one attempt, which waits for its turn', async () => {
      const { world, admission } = await open({ callsPerSecond: 5 });
      const account = newAccount();
      await admission.ask(request(account));
      const waiting = request(account);
      const granted = await admission.ask(waiting);
      if (granted.verdict !== 'granted') throw new Error(`expected a grant, got ${granted.verdict}`);
      expect(granted.inMs).toBeGreaterThan(0);
      await world.passMs(granted.inMs);
      expect(await admission.ask(waiting)).toEqual({ ...granted, askedUs: expect.any(Number) as number, inMs: 0 });
      const [next] = turnsOf([await admission.ask(request(account))]);
      expect(next).toBeGreaterThanOrEqual(granted.turnUs + 200_000);
      expect(next).toBeLessThan(granted.turnUs + 400_000);
    });

    it('let a grant that was never used take its turn again after 3 s, in its old place', async () => {
      const { world, admission } = await open({ callsPerSecond: 10, maxConcurrent: 1 });
      const account = newAccount();
      const slept = request(account);
      const first = await admission.ask(slept);
      await world.passMs(3_100);
      const again = await admission.ask(slept);
      if (first.verdict !== 'granted' || again.verdict !== 'granted') throw new Error('expected grants');
      expect(again.turnUs).toBeGreaterThanOrEqual(first.turnUs + 3_100_000);
      expect(again.from).toBe(first.from);
      expect(await admission.places(account)).toHaveLength(1);
    });

    it('of a from-number let another one go first', async () => {
      const { admission } = await open({ callsPerSecondPerFrom: 1 });
      const account = newAccount();
      const answers = await askMany(admission, 3, () => request(account));
      expect(answers[0]).toMatchObject({ verdict: 'granted', inMs: 0 });
      expect(answers[1]).toMatchObject({ verdict: 'granted', inMs: 0 });
      expect(answers[2]).toMatchObject({ verdict: 'account-waits', reason: 'from-numbers-busy' });
      const own = await admission.ask(request(account, { from: FROM }));
      expect(own).toMatchObject({ verdict: 'held', reason: 'from-numbers-busy' });
    });

    it('of a campaign hold its own calls only', async () => {
      const { control, admission } = await open({});
      const account = newAccount();
      await control.setCampaign(account, 'spring', { ...RUNNING, callsPerSecond: 1 });
      const campaign = { id: 'spring', revision: 1 };
      const answers = await askMany(admission, 2, () => request(account, { campaign }));
      expect(answers).toMatchObject([{ verdict: 'granted' }, { verdict: 'held', reason: 'campaign-calls-per-second' }]);
      expect(await admission.ask(request(account))).toMatchObject({ verdict: 'granted', inMs: 0 });
    });
  });

  describe('attempts to one number', () => {
    it('are counted over 24 hours; one that was never dialed does not count', async () => {
      const { admission } = await open({ attemptsPerNumberPerDay: 2 });
      const account = newAccount();
      const to = nextNumber();
      const first = request(account, { to });
      const granted = await admission.ask(first);
      await admission.release(account, first.callId, 1, 1);
      const undialed = request(account, { to });
      await admission.ask(undialed);
      await admission.release(account, undialed.callId, 1, 'not-dialed');
      const second = request(account, { to });
      expect((await admission.ask(second)).verdict).toBe('granted');
      await admission.release(account, second.callId, 1, 0);
      const held = await admission.ask(request(account, { to }));
      expect(held).toMatchObject({ verdict: 'held', reason: 'attempts-per-day' });
      if (held.verdict !== 'held' || granted.verdict !== 'granted') throw new Error('unexpected');
      expect(Math.abs(held.until - (granted.turnUs / 1_000 + 24 * HOUR))).toBeLessThan(1_000);
      expect((await admission.ask(request(account))).verdict).toBe('granted');
    });

    it('are counted once for an attempt that asks again', async () => {
      const { admission } = await open({ attemptsPerNumberPerDay: 1 });
      const one = request(newAccount());
      for (let i = 0; i < 3; i++) expect((await admission.ask(one)).verdict).toBe('granted');
    });
  });

  describe('the budget of a day', () => {
    it('holds back what calls in flight may use, and counts what they did use', async () => {
      const { control, admission } = await open({ minutesPerDay: 10 });
      const account = newAccount();
      const [one, two] = [request(account, { mostMinutes: 6 }), request(account, { mostMinutes: 6 })];
      expect((await admission.ask(one)).verdict).toBe('granted');
      expect(await admission.ask(two)).toMatchObject({ verdict: 'held', reason: 'call-exceeds-budget' });
      expect(await control.usage(account)).toMatchObject({ inFlight: 1, minutesHeld: 6, minutesToday: 0 });
      await admission.release(account, one.callId, 1, 3);
      await admission.release(account, one.callId, 1, 3);
      expect(await control.usage(account)).toMatchObject({ inFlight: 0, minutesHeld: 0, minutesToday: 3 });
      expect((await admission.ask(two)).verdict).toBe('granted');
      await admission.release(account, two.callId, 1, 7);
      expect(await admission.ask(request(account, { mostMinutes: 1 }))).toMatchObject({
        verdict: 'account-waits',
        reason: 'minutes-per-day',
      });
    });

    it('of money goes by the price of the country', async () => {
      const { control, admission } = await open({ microsPerDay: 1_000_000, microsPerMinute: { US: 10_000, '*': 400_000 } });
      const account = newAccount();
      const abroad = request(account, { destination: { country: 'GB', type: 'mobile' } });
      expect((await admission.ask(abroad)).verdict).toBe('granted');
      expect(await control.usage(account)).toMatchObject({ microsHeld: 800_000, microsToday: 0 });
      expect(await admission.ask(request(account, { destination: { country: 'FR', type: 'mobile' } }))).toMatchObject({
        verdict: 'held',
        reason: 'call-exceeds-budget',
      });
      expect((await admission.ask(request(account))).verdict).toBe('granted');
      await admission.release(account, abroad.callId, 1, 2);
      expect(await control.usage(account)).toMatchObject({ microsHeld: 20_000, microsToday: 800_000 });
    });

    it('counts a place in full that ran out without a word', async () => {
      const { world, control, admission } = await open({ minutesPerDay: 10 });
      const account = newAccount();
      await admission.ask(request(account, { mostMinutes: 9, leaseMs: 300 }));
      const later = request(account, { mostMinutes: 2 });
      const exceeds = async () =>
        (await admission.ask(later)).verdict === 'held' && (await control.usage(account)).minutesToday === 9;
      expect(await happens(world, 3_000, exceeds)).toBe(true);
      expect(await control.usage(account)).toMatchObject({ inFlight: 0, minutesHeld: 0 });
    });

    it('of money is never spent while there is no price', async () => {
      const { control, admission } = await open({});
      const account = newAccount();
      await control.setLimits(account, { microsPerDay: 1_000 });
      expect(await admission.ask(request(account))).toMatchObject({ verdict: 'account-waits', reason: 'money-per-day' });
      await control.setLimits(account, { microsPerMinute: { '*': 1 } });
      expect((await admission.ask(request(account))).verdict).toBe('granted');
    });

    it('may also be a campaign’s, for the whole of its life', async () => {
      const { control, admission } = await open({ microsPerMinute: { '*': 100 } });
      const account = newAccount();
      const campaign = { id: 'spring', revision: 1 };
      await control.setCampaign(account, 'spring', { ...RUNNING, minutes: 5 });
      const first = request(account, { campaign, mostMinutes: 4 });
      expect((await admission.ask(first)).verdict).toBe('granted');
      const full = { verdict: 'held', reason: 'campaign-budget' };
      expect(await admission.ask(request(account, { campaign }))).toMatchObject(full);
      await admission.release(account, first.callId, 1, 2);
      const second = request(account, { campaign });
      expect((await admission.ask(second)).verdict).toBe('granted');
      await admission.release(account, second.callId, 1, 2);
      expect(await admission.ask(request(account, { campaign }))).toMatchObject(full);
      await control.setCampaign(account, 'spring', { ...RUNNING, micros: 599 });
      expect(await admission.ask(request(account, { campaign }))).toMatchObject(full);
      await control.setCampaign(account, 'spring', { ...RUNNING, micros: 600 });
      expect((await admission.ask(request(account, { campaign, from: OTHER_FROM }))).verdict).toBe('granted');
    });
  });
}
