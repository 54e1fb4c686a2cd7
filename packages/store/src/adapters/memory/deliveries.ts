import type { StoreOptions } from '../../options.js';
import type { Deliveries, Delivery, Line } from '../../ports/webhooks.js';
import { isPending, lineMember, readLineMember } from '../../record/delivery-codec.js';
import { readLogCursor, writeLogCursor } from '../../record/delivery-log.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';
import { lineOf } from './hooks.js';

export interface MemoryDeliveriesDeps {
  readonly database: MemoryDatabase;
  readonly options: StoreOptions;
  readonly faults: MemoryFaults;
}

export function createMemoryDeliveries({ database, options, faults }: MemoryDeliveriesDeps): Deliveries {
  const { hooks } = database;
  const now = (): number => Math.floor(database.clock.now());

  function inLine(line: Line): Delivery[] {
    const all = [...(lineOf(hooks, line, now())?.deliveries.values() ?? [])].toSorted((a, b) => a.sequence - b.sequence);
    const first = all.find(isPending);
    return all.map((delivery) =>
      delivery === first ? { ...delivery, nextTryAt: hooks.due.get(lineMember(line)) ?? null } : delivery,
    );
  }

  const load = (name: Parameters<Deliveries['load']>[0]): Delivery | null =>
    inLine(name).find(({ sequence }) => sequence === name.sequence) ?? null;

  return {
    claim: (line, token, lastsMs) =>
      step(faults, () => {
        const member = lineMember(line);
        const due = hooks.due.get(member);
        if (due === undefined || due > now()) return null;
        const kept = lineOf(hooks, line, now());
        const delivery = inLine(line).find(isPending);
        if (!kept || !delivery) {
          hooks.due.delete(member);
          return null;
        }
        hooks.due.set(member, now() + lastsMs);
        kept.token = token;
        return { delivery: { ...delivery, nextTryAt: null }, token, now: now() };
      }),

    settle: ({ delivery, token }, { retryAt, ...end }) =>
      step(faults, () => {
        const kept = lineOf(hooks, delivery, now());
        if (kept?.token !== token) return { isLost: true, waiting: 0 };
        kept.token = null;
        kept.expiresAt = now() + options.deliveryLogMs;
        kept.deliveries.set(delivery.sequence, { ...delivery, ...end, nextTryAt: null });
        const waiting = [...kept.deliveries.values()].filter(isPending).length;
        if (waiting === 0) hooks.due.delete(lineMember(delivery));
        else hooks.due.set(lineMember(delivery), end.status === 'pending' && retryAt !== null ? Math.ceil(retryAt) : now());
        return { isLost: false, waiting };
      }),

    due: (limit, graceMs) =>
      step(faults, () =>
        [...hooks.due]
          .filter(([, at]) => at <= now() - graceMs)
          .toSorted((a, b) => a[1] - b[1])
          .slice(0, limit)
          .flatMap(([member]) => readLineMember(member) ?? []),
      ),

    load: (name) => step(faults, () => load(name)),
    inLine: (line) => step(faults, () => inLine(line)),

    async list({ limit, cursor, isWanted }) {
      const until = cursor === null ? hooks.log.length : Number(readLogCursor(cursor).id.split('-')[0]);
      return step(faults, () => {
        const deliveries: Delivery[] = [];
        for (let at = until - 1; at >= 0; at--) {
          const { member, sequence } = hooks.log[at]!;
          const line = readLineMember(member);
          const delivery = line && load({ ...line, sequence });
          if (delivery && isWanted(delivery)) deliveries.push(delivery);
          if (deliveries.length === limit) return { deliveries, nextCursor: writeLogCursor({ shard: 'a', id: `${at}-0` }) };
        }
        return { deliveries, nextCursor: null };
      });
    },

    redeliver: (name) =>
      step(faults, () => {
        const kept = lineOf(hooks, name, now());
        const delivery = load(name);
        if (!kept || !delivery || isPending(delivery)) return delivery;
        kept.deliveries.set(name.sequence, {
          ...delivery,
          status: 'pending',
          tries: 0,
          triedAt: null,
          result: null,
          since: now(),
        });
        kept.expiresAt = now() + options.deliveryLogMs;
        if (!hooks.due.has(lineMember(name))) hooks.due.set(lineMember(name), now());
        return load(name);
      }),
  };
}
