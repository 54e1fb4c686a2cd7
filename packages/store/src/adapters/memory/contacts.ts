import type { CampaignId } from '@onhook/contracts';
import {
  BLOCK_SIZE,
  type CampaignMinute,
  type Contact,
  type Contacts,
  type ContactStep,
  type Fed,
} from '../../ports/campaigns.js';
import { orderOf, OVER, parseBatch, parseRef, refOf } from '../../record/contact-mark.js';
import { campaignOf, type MemoryCampaign, type MemoryContact, type MemoryDatabase } from './database.js';
import { step as ask, type MemoryFaults } from './faults.js';

const NO_MARK = { attempts: 0, reason: null, wasAnswered: false, endedAt: null, durationSec: null } as const;

/** The same states and the same counts as the scripts keep, over plain objects. */
export function createMemoryContacts({ database, faults = {} }: { database: MemoryDatabase; faults?: MemoryFaults }): Contacts {
  const of = (id: CampaignId): MemoryCampaign => campaignOf(database, id);
  const all = (id: CampaignId): MemoryContact[] => of(id).blocks.flat();
  const find = (id: CampaignId, ref: string): MemoryContact | undefined => {
    const { block, index } = parseRef(ref);
    return of(id).blocks[block]?.find((contact) => parseRef(contact.ref).index === index);
  };

  function fedOf(batch: string, contacts: readonly MemoryContact[]): Fed {
    return {
      batch,
      contacts: contacts.map(({ to, name, externalId, timeZone, variables, ref, round, zones }) => ({
        to,
        name,
        externalId,
        timeZone,
        variables,
        ref,
        round,
        zones,
      })),
    };
  }

  function inBatch(id: CampaignId, batch: string): MemoryContact[] {
    const { block, first, last } = parseBatch(batch);
    return (of(id).blocks[block] ?? []).filter(({ ref }) => parseRef(ref).index >= first && parseRef(ref).index <= last);
  }

  function count(campaign: MemoryCampaign, contact: MemoryContact, step: ContactStep, made: number): void {
    campaign.attempts += Math.max(0, made);
    if (orderOf(step) !== OVER) return;
    if (step.wasAnswered) {
      campaign.answered += 1;
      campaign.seconds += Math.round(step.durationSec ?? 0);
    }
    const minute = Math.floor(database.clock.now() / 60_000);
    const before = campaign.series.get(minute) ?? { minute, ended: 0, answered: 0, errors: 0 };
    campaign.series.set(minute, {
      minute,
      ended: before.ended + 1,
      answered: before.answered + (step.wasAnswered ? 1 : 0),
      errors: before.errors + (step.isError ? 1 : 0),
    });
  }

  return {
    add: (id, zones, contacts, token) =>
      ask(faults, () => {
        if (contacts.length > BLOCK_SIZE) throw new RangeError(`a block has at most ${BLOCK_SIZE} contacts`);
        const campaign = of(id);
        const before = campaign.recent.get(token);
        if (before) return { duplicates: before };
        const duplicates: number[] = [];
        campaign.recent.set(token, duplicates);
        const block: MemoryContact[] = [];
        const state = zones.length === 0 ? ('skipped' as const) : ('pending' as const);
        const reason = zones.length === 0 ? 'time-zone-unknown' : null;
        contacts.forEach((contact, index) => {
          const identity = contact.externalId === null ? contact.to : `id ${contact.externalId}`;
          if (campaign.seen.has(identity)) return void duplicates.push(index);
          campaign.seen.add(identity);
          const ref = refOf(campaign.blocks.length, index);
          block.push({ ...structuredClone(contact), ...NO_MARK, ref, zones, round: 0, order: 0, state, reason });
        });
        if (block.length > 0) campaign.blocks.push(block);
        return { duplicates };
      }),

    counts: (id) =>
      ask(faults, () => {
        const { attempts, answered, seconds } = of(id);
        const contacts = all(id);
        const number = (state: Contact['state']): number => contacts.filter((contact) => contact.state === state).length;
        const tally = (state: Contact['state']): Record<string, number> => {
          const sums: Record<string, number> = {};
          for (const { state: is, reason } of contacts) if (is === state && reason) sums[reason] = (sums[reason] ?? 0) + 1;
          return sums;
        };
        return {
          ledger: {
            contacts: contacts.length,
            pending: number('pending'),
            scheduled: number('scheduled'),
            active: number('active'),
            done: number('done'),
            skipped: tally('skipped'),
            canceled: number('canceled'),
          },
          causes: tally('done'),
          attempts,
          answered,
          seconds,
        };
      }),

    series: (id) =>
      ask(faults, (): CampaignMinute[] => {
        const now = Math.floor(database.clock.now() / 60_000);
        return [...of(id).series.values()].filter(({ minute }) => minute > now - 1_440);
      }),

    page: (id, { limit, after }) =>
      ask(faults, () => {
        const contacts = all(id);
        const at = after === null ? -1 : contacts.findIndex(({ ref }) => isAfter(ref, after)) - 1;
        return after !== null && at === -2 ? [] : contacts.slice(at + 1, at + 1 + limit).map(plain);
      }),

    contact: (id, ref) =>
      ask(faults, () => {
        const found = find(id, ref);
        return found ? plain(found) : null;
      }),

    waiting: (id) =>
      ask(faults, () => {
        const byZones = new Map<string, number>();
        for (const { state, zones } of all(id)) {
          if (state === 'pending') byZones.set(zones.join(' '), (byZones.get(zones.join(' ')) ?? 0) + 1);
        }
        return [...byZones].map(([text, number]) => ({ zones: text.split(' '), count: number }));
      }),

    take: (id, zones, most) =>
      ask(faults, () => {
        const campaign = of(id);
        if (campaign.kept?.campaign.state !== 'running') return [];
        const text = zones.join(' ');
        const waiting = all(id).filter(({ state, zones: its }) => state === 'pending' && its.join(' ') === text);
        const taken = waiting
          .toSorted((a, b) => a.round - b.round)
          .slice(0, Math.max(0, most))
          .map((contact) => {
            Object.assign(contact, NO_MARK, { state: 'active', order: 1 });
            const { block, index } = parseRef(contact.ref);
            const batch = `${block}:${index}:${index}`;
            campaign.feeding.add(batch);
            return fedOf(batch, [contact]);
          });
        return taken;
      }),

    feeding: (id) => ask(faults, () => [...of(id).feeding].map((batch) => fedOf(batch, inBatch(id, batch)))),
    fed: (id, batch) => ask(faults, () => void of(id).feeding.delete(batch)),

    step: (id, { ref, round }, step) =>
      ask(faults, () => {
        const contact = find(id, ref);
        const order = orderOf(step);
        if (!contact || contact.round !== round || contact.order === 0 || order <= contact.order) return false;
        const made = (order === OVER ? step.attempts : Math.floor(order / 2)) - Math.floor(contact.order / 2);
        const { state, attempts, reason, wasAnswered, endedAt, durationSec } = step;
        Object.assign(contact, { state, attempts, reason, wasAnswered, order });
        Object.assign(contact, {
          endedAt: endedAt === null ? null : Math.floor(endedAt / 1_000) * 1_000,
          durationSec: endedAt === null ? null : Math.round(durationSec ?? 0),
        });
        count(of(id), contact, step, made);
        return true;
      }),

    underWay: (id) =>
      ask(faults, () => ({
        contacts: all(id)
          .filter(({ order }) => order > 0 && order < OVER)
          .map(({ ref, round }) => ({ ref, round })),
        cursor: '0',
      })),

    hold: (id, ref, until) => ask(faults, () => void of(id).held.set(ref, until)),
    held: (id, at) => ask(faults, () => [...of(id).held.values()].filter((until) => until > at).length),

    close: (id, why) =>
      ask(faults, () => {
        const waiting = all(id).filter(({ state }) => state === 'pending');
        for (const contact of waiting) {
          Object.assign(contact, why === 'canceled' ? { state: 'canceled' } : { state: 'skipped', reason: why });
        }
        return waiting.length;
      }),

    again: (id, causes) =>
      ask(faults, () => {
        const found = all(id).filter(({ state, reason }) => state === 'done' && reason !== null && causes.includes(reason));
        for (const contact of found) Object.assign(contact, NO_MARK, { state: 'pending', order: 0, round: contact.round + 1 });
        return found.length;
      }),

    saveFailures: (id, importId, csv) => ask(faults, () => void of(id).failures.set(importId, csv)),
    loadFailures: (id, importId) => ask(faults, () => of(id).failures.get(importId) ?? null),
  };
}

function isAfter(ref: string, after: string): boolean {
  const [one, other] = [parseRef(ref), parseRef(after)];
  return one.block > other.block || (one.block === other.block && one.index > other.index);
}

function plain(kept: MemoryContact): Contact {
  const copy: Contact & { order?: number } = structuredClone(kept);
  delete copy.order;
  return copy;
}
