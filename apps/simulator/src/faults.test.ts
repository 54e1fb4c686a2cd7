import { expect, it } from 'vitest';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { createDice } from './dice.js';
import { createFaultTable, type FaultTable } from './faults.js';

function openTable(seed = 1): { faults: FaultTable; written: string[]; clock: ReturnType<typeof createVirtualTime> } {
  const written: string[] = [];
  const clock = createVirtualTime();
  const ledger = { write: (kind: string): void => void written.push(kind) };
  return { faults: createFaultTable({ dice: createDice(seed), clock, ledger }), written, clock };
}

it('a fault strikes as often as it was set, or once', () => {
  const { faults, written } = openTable();
  faults.set({ kind: 'create-429', count: 2 });
  faults.set({ kind: 'callback-lost' });
  const struck = [1, 2, 3].map(() => faults.strikes('create-429') !== undefined);
  expect(struck).toEqual([true, true, false]);
  expect(faults.strikes('callback-lost')).toEqual({ delayMs: 2_000 });
  expect(faults.list()).toEqual([]);
  expect(written).toEqual(['fault-set', 'fault-set', 'fault-struck', 'fault-struck', 'fault-struck']);
});

it('a fault with a probability strikes about so often, until it is cleared', () => {
  const { faults } = openTable();
  faults.set({ kind: 'list-away', probability: 0.3 });
  const struck = Array.from({ length: 1_000 }, () => faults.strikes('list-away')).filter(Boolean).length;
  expect(struck).toBeGreaterThan(250);
  expect(struck).toBeLessThan(350);
  faults.clear('list-away');
  expect(faults.strikes('list-away')).toBeUndefined();
});

it('an outage begins when it was announced, strikes every time, and ends', async () => {
  const { faults, clock } = openTable();
  faults.set({ kind: 'rest-away', startsInMs: 1_000, lastsMs: 500 });
  const strikes = (): boolean => faults.strikes('rest-away') !== undefined;
  expect(strikes()).toBe(false);
  await clock.advance(1_000);
  expect([strikes(), strikes(), strikes()]).toEqual([true, true, true]);
  await clock.advance(499);
  expect(strikes()).toBe(true);
  await clock.advance(1);
  expect(strikes()).toBe(false);
  expect(faults.list()).toEqual([]);
});

it('a fault for some numbers leaves the others alone, and what belongs to no call', () => {
  const { faults } = openTable();
  faults.set({ kind: 'callback-lost', to: '+1415555?1*', probability: 1 });
  expect(faults.strikes('callback-lost', { to: '+14155550100' })).toBeDefined();
  expect(faults.strikes('callback-lost', { to: '+14155550200' })).toBeUndefined();
  expect(faults.strikes('callback-lost')).toBeUndefined();
});

it('a second fault of a kind gets its chance when the first one does not strike', () => {
  const { faults } = openTable();
  faults.set({ kind: 'create-429', probability: 0 });
  faults.set({ kind: 'create-429', count: 1 });
  expect(faults.strikes('create-429')).toBeDefined();
});

it('the same seed strikes the same occasions of a number, whatever happens to others meanwhile', () => {
  const run = (seed: number, disturbance: number): boolean[] => {
    const { faults } = openTable(seed);
    faults.set({ kind: 'callback-twice', probability: 0.5 });
    return Array.from({ length: 40 }, () => {
      for (let i = 0; i < disturbance; i++) faults.strikes('callback-twice', { to: '+4930111' });
      return faults.strikes('callback-twice', { to: '+14155550100' }) !== undefined;
    });
  };
  expect(run(7, 3)).toEqual(run(7, 0));
  expect(run(8, 0)).not.toEqual(run(7, 0));
});

it('the faults of a scenario are replaced with it', () => {
  const { faults } = openTable();
  faults.setForScenario('+1415*', [{ kind: 'create-429', probability: 1 }]);
  faults.set({ kind: 'list-away', probability: 1 });
  faults.setForScenario('+1415*', [{ kind: 'callback-late', probability: 1 }]);
  expect(faults.list().map(({ kind, to }) => [kind, to])).toEqual([
    ['list-away', undefined],
    ['callback-late', '+1415*'],
  ]);
});
