import { isBalanced } from '@onhook/campaign';
import type { CampaignId } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { BLOCK_SIZE, type Campaign, type Contacts, type NewContact } from '../ports/campaigns.js';
import { sampleCampaign, sampleContacts, sampleStep } from './sample-campaign.js';
import type { Harness } from './world.js';

const LA = ['America/Los_Angeles'];
const BOTH = ['America/Anchorage', 'America/Adak'];

/** Each block has a token of its own, unless it is told one. */
type Watched = Omit<Contacts, 'add'> & {
  add(
    ...args: [...first: Parameters<Contacts['add']> extends [...infer First, string] ? First : never, token?: string]
  ): ReturnType<Contacts['add']>;
};

export function contactConformance(harness: () => Harness): void {
  const open = async (given: Partial<Campaign> = {}) => {
    const world = await harness().world();
    const { campaigns, contacts } = await world.open();
    const campaign = sampleCampaign({ state: 'running', ...given });
    const { revision } = await campaigns.create(campaign);
    const change = (state: Campaign['state']) => campaigns.change(revision, { ...campaign, state });
    return { contacts: watched(contacts), id: campaign.id, change };
  };

  /** Whatever is done, the ledger balances. */
  function watched(contacts: Contacts): Watched {
    let blocks = 0;
    const check = async <T>(id: CampaignId, result: Promise<T>): Promise<T> => {
      const value = await result;
      const { ledger } = await contacts.counts(id);
      expect(isBalanced(ledger), JSON.stringify(ledger)).toBe(true);
      return value;
    };
    return {
      ...contacts,
      add: (id, zones, added, token = `block-${blocks++}`) => check(id, contacts.add(id, zones, added, token)),
      take: (id, ...rest) => check(id, contacts.take(id, ...rest)),
      step: (id, ...rest) => check(id, contacts.step(id, ...rest)),
      close: (id, ...rest) => check(id, contacts.close(id, ...rest)),
      again: (id, ...rest) => check(id, contacts.again(id, ...rest)),
    };
  }

  const ledgerOf = async (contacts: Pick<Contacts, 'counts'>, id: CampaignId) => (await contacts.counts(id)).ledger;

  describe('contacts', () => {
    it('are there as they came, each once', async () => {
      const { contacts, id } = await open();
      expect(await contacts.add(id, LA, sampleContacts(3))).toEqual({ duplicates: [] });
      expect(await contacts.add(id, LA, sampleContacts(3))).toEqual({ duplicates: [0, 1, 2] });
      // By external id where there is one, else by number; within one block too.
      const [first, second] = sampleContacts(2, 10);
      const same = [
        first!,
        { ...second!, externalId: first!.externalId },
        { ...first!, externalId: 'another' },
        second!,
        second!,
      ];
      expect(await contacts.add(id, BOTH, same)).toEqual({ duplicates: [1, 4] });
      const page = await contacts.page(id, { limit: 10, after: null });
      const given = ({ to, name, externalId, variables }: NewContact) => ({ to, name, externalId, variables });
      expect(page.map(given)).toEqual([...sampleContacts(3), first!, same[2]!, second!].map(given));
      expect(page[0]).toMatchObject({ state: 'pending', attempts: 0, reason: null, zones: LA, endedAt: null });
      expect(page[3]).toMatchObject({ zones: BOTH });
      const after = page[1]!.ref;
      expect(await contacts.page(id, { limit: 2, after })).toEqual(page.slice(2, 4));
      expect(await contacts.page(id, { limit: 2, after: page.at(-1)!.ref })).toEqual([]);
      expect(await contacts.contact(id, page[4]!.ref)).toEqual(page[4]);
      expect(await contacts.contact(id, '77:7')).toBeNull();
      expect(await ledgerOf(contacts, id)).toMatchObject({ contacts: 6, pending: 6 });
      expect((await contacts.waiting(id)).toSorted((a, b) => a.count - b.count + a.zones.length - b.zones.length)).toEqual([
        { zones: LA, count: 3 },
        { zones: BOTH, count: 3 },
      ]);
    });

    it('are added once, and counted once, by a block that is sent twice', async () => {
      const { contacts, id } = await open();
      const [one, other] = sampleContacts(2);
      const block = [one!, other!, one!];
      for (let i = 0; i < 3; i++) expect(await contacts.add(id, LA, block, 'the-same-block')).toEqual({ duplicates: [2] });
      expect(await contacts.add(id, LA, block, 'another-block')).toEqual({ duplicates: [0, 1, 2] });
      expect(await ledgerOf(contacts, id)).toMatchObject({ contacts: 2, pending: 2 });
    });

    it('are known again in a campaign that grew far beyond where they came', async () => {
      const { contacts, id } = await open();
      for (let from = 0; from < 640; from += BLOCK_SIZE) await contacts.add(id, LA, sampleContacts(BLOCK_SIZE, from));
      for (let from = 0; from < 640; from += BLOCK_SIZE)
        expect((await contacts.add(id, LA, sampleContacts(BLOCK_SIZE, from))).duplicates).toHaveLength(BLOCK_SIZE);
      expect((await ledgerOf(contacts, id)).contacts).toBe(640);
      await expect(contacts.add(id, LA, sampleContacts(BLOCK_SIZE + 1))).rejects.toThrow(RangeError);
    });

    it('of whom nobody knows the time zone are skipped', async () => {
      const { contacts, id } = await open();
      await contacts.add(id, [], sampleContacts(2));
      expect(await ledgerOf(contacts, id)).toMatchObject({ contacts: 2, pending: 0, skipped: { 'time-zone-unknown': 2 } });
      expect(await contacts.page(id, { limit: 1, after: null })).toMatchObject([
        { state: 'skipped', reason: 'time-zone-unknown' },
      ]);
      expect(await contacts.waiting(id)).toEqual([]);
    });

    it('are taken in order, only where it is their turn, and are feeding until they are fed', async () => {
      const { contacts, id, change } = await open();
      await contacts.add(id, LA, sampleContacts(5));
      await contacts.add(id, BOTH, sampleContacts(2, 20));
      const taken = await contacts.take(id, LA, 3);
      const fed = taken.flatMap((batch) => batch.contacts);
      expect(fed.map(({ to }) => to)).toEqual(sampleContacts(3).map(({ to }) => to));
      expect(fed[0]).toMatchObject({ name: 'Ada 0', variables: { visits: 0 }, round: 0, zones: LA });
      expect(await ledgerOf(contacts, id)).toMatchObject({ pending: 4, active: 3 });
      const feeding = (await contacts.feeding(id)).flatMap((batch) => batch.contacts);
      expect(feeding.toSorted((a, b) => (a.ref < b.ref ? -1 : 1))).toEqual(fed);
      for (const { batch } of taken) await contacts.fed(id, batch);
      expect(await contacts.feeding(id)).toEqual([]);
      expect((await contacts.take(id, LA, 9)).flatMap((batch) => batch.contacts)).toHaveLength(2);
      expect(await contacts.take(id, LA, 9)).toEqual([]);
      expect(await contacts.waiting(id)).toEqual([{ zones: BOTH, count: 2 }]);
      await change('paused');
      expect(await contacts.take(id, BOTH, 1)).toEqual([]);
    });

    it('over several blocks and with gaps are taken without losing one', async () => {
      const { contacts, id } = await open();
      await contacts.add(id, LA, sampleContacts(100));
      await contacts.add(id, LA, sampleContacts(100, 50));
      const seen: string[] = [];
      for (let round = 0; round < 40; round++) {
        for (const { contacts: fed } of await contacts.take(id, LA, 7)) seen.push(...fed.map(({ to }) => to));
      }
      expect(seen).toHaveLength(150);
      expect(new Set(seen).size).toBe(150);
    });
  });

  describe('a contact', () => {
    const taken = async () => {
      const { contacts, id, change } = await open();
      await contacts.add(id, LA, sampleContacts(2));
      const [one, other] = (await contacts.take(id, LA, 2)).flatMap((batch) => batch.contacts);
      return { contacts, id, change, one: one!, other: other! };
    };

    it('moves forward only, and the counts with it, however often and late it is told', async () => {
      const { contacts, id, one } = await taken();
      const scheduled = sampleStep({ state: 'scheduled', attempts: 1 });
      const again = sampleStep({ state: 'active', attempts: 2 });
      const done = sampleStep({
        attempts: 2,
        reason: 'agent-ended-call',
        wasAnswered: true,
        endedAt: 1_700_000_123_456,
        durationSec: 61.4,
      });
      expect(await contacts.step(id, one, sampleStep({ state: 'active' }))).toBe(false);
      expect(await contacts.step(id, one, scheduled)).toBe(true);
      expect(await ledgerOf(contacts, id)).toMatchObject({ scheduled: 1, active: 1 });
      expect(await contacts.contact(id, one.ref)).toMatchObject({ state: 'scheduled', attempts: 1 });
      expect(await contacts.step(id, one, again)).toBe(true);
      expect(await contacts.step(id, one, scheduled)).toBe(false);
      expect((await contacts.underWay(id, '0')).contacts).toHaveLength(2);
      expect(await contacts.step(id, one, done)).toBe(true);
      for (const late of [done, again, scheduled]) expect(await contacts.step(id, one, late)).toBe(false);
      expect(await contacts.contact(id, one.ref)).toMatchObject({
        state: 'done',
        attempts: 2,
        reason: 'agent-ended-call',
        wasAnswered: true,
        endedAt: 1_700_000_123_000,
        durationSec: 61,
      });
      const counts = await contacts.counts(id);
      expect(counts).toMatchObject({ causes: { 'agent-ended-call': 1 }, attempts: 2, answered: 1, seconds: 61 });
      expect(counts.ledger).toMatchObject({ active: 1, scheduled: 0, done: 1 });
      expect((await contacts.underWay(id, '0')).contacts).toHaveLength(1);
      expect(await contacts.series(id)).toMatchObject([{ ended: 1, answered: 1, errors: 0 }]);
    });

    it('that is not called after all is skipped with its reason, or canceled', async () => {
      const { contacts, id, one, other } = await taken();
      await contacts.step(id, one, sampleStep({ state: 'skipped', attempts: 0, reason: 'do-not-call' }));
      await contacts.step(id, other, sampleStep({ state: 'canceled', attempts: 0, reason: 'canceled' }));
      expect(await ledgerOf(contacts, id)).toMatchObject({ active: 0, skipped: { 'do-not-call': 1 }, canceled: 1 });
      expect(await contacts.contact(id, one.ref)).toMatchObject({ state: 'skipped', reason: 'do-not-call' });
      expect(await contacts.contact(id, other.ref)).toMatchObject({ state: 'canceled' });
    });

    it('is moved by nobody who speaks of another round, or of a contact that has not begun or does not exist', async () => {
      const { contacts, id, one } = await taken();
      await contacts.add(id, LA, sampleContacts(1, 50));
      const [, , waiting] = await contacts.page(id, { limit: 3, after: null });
      for (const wrong of [
        { ...one, round: 1 },
        { ...waiting!, round: 0 },
        { ref: '9:9', round: 0 },
      ])
        expect(await contacts.step(id, wrong, sampleStep({ reason: 'busy' }))).toBe(false);
    });

    it('that failed can be taken up again, in a new round', async () => {
      const { contacts, id, one, other } = await taken();
      await contacts.step(id, one, sampleStep({ reason: 'no-answer', isError: true }));
      await contacts.step(id, other, sampleStep({ reason: 'callee-hung-up', wasAnswered: true }));
      expect(await contacts.again(id, ['busy'])).toBe(0);
      expect(await contacts.again(id, ['no-answer', 'busy'])).toBe(1);
      expect(await contacts.again(id, ['no-answer', 'busy'])).toBe(0);
      expect(await contacts.counts(id)).toMatchObject({ ledger: { pending: 1, done: 1 }, causes: { 'callee-hung-up': 1 } });
      expect(await contacts.contact(id, one.ref)).toMatchObject({ state: 'pending', round: 1 });
      const [batch] = await contacts.take(id, LA, 5);
      expect(batch?.contacts).toMatchObject([{ ref: one.ref, round: 1 }]);
      expect(await contacts.step(id, one, sampleStep({ reason: 'late' }))).toBe(false);
      expect(await contacts.step(id, { ref: one.ref, round: 1 }, sampleStep({ reason: 'busy' }))).toBe(true);
    });
  });

  describe('a campaign that is closed', () => {
    it('cancels all that wait at once, and nobody else', async () => {
      const { contacts, id } = await open();
      await contacts.add(id, LA, sampleContacts(3));
      await contacts.add(id, BOTH, sampleContacts(1, 10));
      const [batch] = await contacts.take(id, LA, 1);
      expect(await contacts.close(id, 'canceled')).toBe(3);
      expect(await ledgerOf(contacts, id)).toMatchObject({ active: 1, pending: 0, canceled: 3 });
      expect(await contacts.take(id, LA, 9)).toEqual([]);
      const page = await contacts.page(id, { limit: 9, after: null });
      expect(page.map(({ state }) => state)).toEqual(['active', 'canceled', 'canceled', 'canceled']);
      await contacts.step(id, batch!.contacts[0]!, sampleStep({ state: 'canceled', attempts: 0, reason: 'canceled' }));
      expect(await contacts.waiting(id)).toEqual([]);
    });

    it('because its time is over skips them; who comes later waits again', async () => {
      const { contacts, id } = await open();
      await contacts.add(id, LA, sampleContacts(2));
      const [batch] = await contacts.take(id, LA, 1);
      expect(await contacts.close(id, 'expired')).toBe(1);
      expect(await ledgerOf(contacts, id)).toMatchObject({ skipped: { expired: 1 } });
      await contacts.add(id, LA, sampleContacts(1, 10));
      await contacts.step(id, batch!.contacts[0]!, sampleStep({ reason: 'busy' }));
      expect(await contacts.again(id, ['busy'])).toBe(1);
      const page = await contacts.page(id, { limit: 9, after: null });
      expect(page.map(({ state }) => state)).toEqual(['pending', 'skipped', 'pending']);
      expect((await contacts.take(id, LA, 9)).flatMap(({ contacts: fed }) => fed)).toHaveLength(2);
    });
  });

  it('knows how many wait, and not for their turn', async () => {
    const { contacts, id } = await open();
    await contacts.hold(id, '0:1', 2_000);
    await contacts.hold(id, '0:1', 3_000);
    await contacts.hold(id, '0:2', 4_000);
    expect(await contacts.held(id, 1_000)).toBe(2);
    expect(await contacts.held(id, 3_000)).toBe(1);
  });

  it('keeps the refused rows of an import for a while', async () => {
    const { contacts, id } = await open();
    await contacts.saveFailures(id, 'imp1', 'line,code\n2,not-e164\n');
    expect(await contacts.loadFailures(id, 'imp1')).toBe('line,code\n2,not-e164\n');
    expect(await contacts.loadFailures(id, 'imp2')).toBeNull();
  });
}
