import { expect, it } from 'vitest';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { createTicker } from './ticker.js';

it('beats every 20 ms of the clock, without drift', async () => {
  const time = createVirtualTime();
  const ticker = createTicker({ clock: time, timers: time });
  await time.advance(7);
  const due: number[] = [];
  const stop = ticker.add((dueMs) => due.push(dueMs));
  await time.advance(100);
  expect(due).toEqual([20, 40, 60, 80, 100]);
  stop();
  await time.advance(100);
  expect(due).toHaveLength(5);
});

it('makes up for a late beat instead of pushing the later ones on', async () => {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  let fire = (): void => undefined;
  const timers = { ...createVirtualTime(), after: (_ms: number, run: () => void) => ((fire = run), { cancel: () => undefined }) };
  const ticker = createTicker({ clock, timers });
  const due: number[] = [];
  ticker.add((dueMs) => due.push(dueMs));
  nowMs = 95;
  fire();
  expect(due).toEqual([0, 20, 40, 60, 80]);
  nowMs = 103;
  fire();
  expect(due.at(-1)).toBe(100);
});

it('gives lines their own phases, so that they do not all beat in the same instant', async () => {
  const time = createVirtualTime();
  const ticker = createTicker({ clock: time, timers: time });
  const firstDue: number[] = [];
  const stops = Array.from({ length: 40 }, (_, line) => ticker.add((dueMs) => (firstDue[line] ??= dueMs)));
  await time.advance(45);
  expect(firstDue.map((dueMs) => dueMs % 20).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i >> 1));
  for (const stop of stops) stop();
  const due: number[] = [];
  await time.advance(13);
  ticker.add((dueMs) => due.push(dueMs));
  await time.advance(45);
  expect(due).toEqual([60, 80, 100]);
  ticker.close();
});

it('a line that stops while another one beats beats no more', async () => {
  const time = createVirtualTime();
  const ticker = createTicker({ clock: time, timers: time });
  const due: string[] = [];
  const stopFirst = ticker.add(() => due.push('first'));
  ticker.add(() => {
    due.push('second');
    stopFirst();
  });
  await time.advance(65);
  expect(due.filter((name) => name === 'first')).toHaveLength(1);
  expect(due.filter((name) => name === 'second')).toHaveLength(4);
  ticker.close();
});
