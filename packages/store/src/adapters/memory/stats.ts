import type { E164 } from '@onhook/contracts';
import type { CallStats } from '../../ports/stats.js';
import { statsRows } from '../../record/stats-rows.js';
import { DAY_MS, tallyFields, type Tally } from '../../record/tally.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryStats({ database, faults = {} }: { database: MemoryDatabase; faults?: MemoryFaults }): CallStats {
  return {
    read: ({ from, to, by, numbers = [] }) =>
      step(faults, () => {
        const fields = database.tallies.flatMap((tally) => fieldsOf(tally));
        const isWanted = (name: string): boolean => by !== 'from' || numbers.includes(name as E164);
        return statsRows(fields, { from, to, by }, (name) => (isWanted(name) ? name : undefined));
      }),
  };
}

function fieldsOf(tally: Tally): [number, string, number][] {
  const day = Math.floor(tally.endedAt / DAY_MS);
  return tallyFields(tally, (number) => number).map(([field, amount]) => [day, field, amount]);
}
