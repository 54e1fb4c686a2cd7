import { expect, it } from 'vitest';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { createFaultTable } from './faults.js';

const chance = createSeededChance(1, createVirtualTime());

it('a fault strikes as often as it was set, or once', () => {
  const written: string[] = [];
  const faults = createFaultTable({ chance, ledger: { write: (kind) => written.push(kind) } });
  faults.set({ kind: 'create-429', count: 2 });
  faults.set({ kind: 'callback-lost' });
  const struck = [1, 2, 3].map(() => faults.strikes('create-429') !== undefined);
  expect(struck).toEqual([true, true, false]);
  expect(faults.strikes('callback-lost')).toEqual({ delayMs: 2_000 });
  expect(faults.list()).toEqual([]);
  expect(written).toEqual(['fault-set', 'fault-set', 'fault-struck', 'fault-struck', 'fault-struck']);
});

it('a fault with a probability strikes about so often, until it is cleared', () => {
  const faults = createFaultTable({ chance, ledger: { write: () => undefined } });
  faults.set({ kind: 'list-away', probability: 0.3 });
  const struck = Array.from({ length: 1_000 }, () => faults.strikes('list-away')).filter(Boolean).length;
  expect(struck).toBeGreaterThan(250);
  expect(struck).toBeLessThan(350);
  faults.clear('list-away');
  expect(faults.strikes('list-away')).toBeUndefined();
});
