import { describe, expect, it } from 'vitest';
import { cautionFor, reignOf, type Reign } from './store-reign.js';

const T0 = 1_700_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('the server that holds a shard', () => {
  it('reigns since it began, and that was the change, for a process that meets it for the first time', () => {
    expect(reignOf(undefined, { id: 'a', beganAt: T0, now: T0 + MINUTE })).toEqual({ id: 'a', from: T0, changedAt: T0 });
  });

  it('that took over from another reigns since we know of it, for it does not say', () => {
    expect(reignOf(undefined, { id: 'b', beganAt: null, now: T0 })).toEqual({ id: 'b', from: T0, changedAt: T0 });
  });

  it('is remembered until it is another one', () => {
    const first = reignOf(undefined, { id: 'a', beganAt: T0, now: T0 + MINUTE });
    expect(reignOf(first, { id: 'a', beganAt: T0 + 400, now: T0 + 2 * MINUTE })).toBe(first);
    const restarted = reignOf(first, { id: 'b', beganAt: T0 + 3 * MINUTE, now: T0 + 4 * MINUTE });
    expect(restarted).toEqual({ id: 'b', from: T0 + 3 * MINUTE, changedAt: T0 + 4 * MINUTE });
  });
});

describe('what a dial has to fear', () => {
  const first: Reign = { id: 'a', from: T0, changedAt: T0 - 2 * MINUTE };
  const changed: Reign = { id: 'b', from: T0, changedAt: T0 + SECOND };

  it('is nothing for a call that this server itself has seen created', () => {
    expect(cautionFor(first, T0 + 1, null, T0 + 2)).toEqual({ kind: 'none' });
  });

  it('is a request that may still be under way, if the call is older than its server', () => {
    expect(cautionFor(changed, T0 - 1, null, T0 + 2 * SECOND)).toEqual({ kind: 'wait', until: T0 + 20 * SECOND });
    expect(cautionFor(first, T0 - 1, null, T0 + 2 * SECOND)).toEqual({ kind: 'wait', until: T0 + 20 * SECOND });
  });

  it('is then a leg that the record has lost, for as long as its finished leg can be told apart', () => {
    const createdAt = T0 - 10 * MINUTE;
    expect(cautionFor(first, createdAt, null, T0 + 20 * SECOND)).toEqual({ kind: 'look', since: createdAt, ownSince: createdAt });
    expect(cautionFor(first, createdAt, null, T0 + 54 * MINUTE)).toMatchObject({ kind: 'look' });
    expect(cautionFor(first, createdAt, null, T0 + 55 * MINUTE)).toEqual({ kind: 'none' });
  });

  it('is looked for after the last dial that the record knows, and never further back than legs are known', () => {
    expect(cautionFor(first, T0 - 10 * MINUTE, T0 - MINUTE, T0 + MINUTE)).toMatchObject({ since: T0 - MINUTE });
    expect(cautionFor(first, T0 - 600 * MINUTE, null, T0 + MINUTE)).toMatchObject({ since: T0 - 54 * MINUTE });
  });

  it('is, shortly after a change, also a leg whose whole record was lost: it is older than the call, and not its own', () => {
    const createdAt = T0 + 2 * SECOND;
    const look = { kind: 'look', since: T0 - MINUTE, ownSince: createdAt };
    expect(cautionFor(changed, createdAt, null, T0 + 3 * SECOND)).toEqual(look);
    expect(cautionFor(changed, T0 - 10 * MINUTE, null, T0 + 30 * SECOND)).toMatchObject({ since: T0 - 10 * MINUTE });
  });

  it('is looked for also by a process that meets a young server for the first time: it may have forgotten a dial to that number', () => {
    const met = reignOf(undefined, { id: 'b', beganAt: T0, now: T0 + SECOND });
    expect(cautionFor(met, T0 + SECOND, null, T0 + SECOND)).toMatchObject({ kind: 'look', since: T0 - MINUTE });
    expect(cautionFor(met, T0 + SECOND, null, T0 + 90 * SECOND)).toEqual({ kind: 'none' });
  });

  it('is looked for before every dial within a minute and a half of a change', () => {
    expect(cautionFor(changed, T0 + 2 * SECOND, null, T0 + 3 * SECOND)).toMatchObject({ kind: 'look' });
    expect(cautionFor(changed, T0 + 2 * SECOND, null, T0 + 92 * SECOND)).toEqual({ kind: 'none' });
  });
});
