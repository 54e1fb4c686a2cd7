import { BadCursor } from '../../errors.js';
import type { DoNotCallList } from '../../ports/do-not-call.js';
import { accountOf, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryDoNotCall({
  database,
  faults = {},
}: {
  database: MemoryDatabase;
  faults?: MemoryFaults;
}): DoNotCallList {
  const of = (account: string) => accountOf(database, account).doNotCall;
  return {
    add: (account, entries) =>
      step(faults, () => {
        const fresh = entries.filter(
          ({ number }, i) => !of(account).has(number) && entries.findIndex((e) => e.number === number) === i,
        );
        for (const { number, note = null } of fresh) {
          of(account).set(number, { number, since: Math.floor(database.clock.now()), note });
        }
        return fresh.length;
      }),
    remove: (account, numbers) => step(faults, () => numbers.filter((number) => of(account).delete(number)).length),
    find: (account, number) => step(faults, () => of(account).get(number) ?? null),
    page: (account, { limit, cursor }) =>
      step(faults, () => {
        if (cursor !== null && !/^\d{1,20}$/.test(cursor)) throw new BadCursor();
        const from = Number(cursor ?? 0);
        const all = [...of(account).values()];
        return { entries: all.slice(from, from + limit), nextCursor: from + limit < all.length ? String(from + limit) : null };
      }),
    adopt: () => step(faults, () => 0),
  };
}
