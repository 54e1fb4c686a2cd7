import { expect, it } from 'vitest';
import { callsPerCore, controlsAreHonest, pointsOf, ratio, ratioWithin, type Point } from './figures.js';
import type { LoadRun } from './load-run.js';

const point = (cpuMs: number, pacePast = false): Point => ({
  cpuMs,
  rssKbPerCall: 100,
  toAgentMs: { p50: 1, p99: 2 },
  toCarrierMs: { p50: 1, p99: 2 },
  lost: 0,
  pacePast,
});
const run = (kind: string, calls: number, cpuMs: number, lost = 0, pacePast = false): LoadRun => ({
  ...point(cpuMs, pacePast),
  kind,
  calls,
  lost,
  slices: 10,
  slicesKept: 9,
});

it('takes the middle of the repeats, and adds up what was lost', () => {
  const points = pointsOf([run('relay', 100, 3), run('relay', 100, 9), run('relay', 100, 2, 1), run('relay', 200, 4, 0, true)]);
  expect(points['relay']).toMatchObject({ 100: { cpuMs: 3, lost: 1, pacePast: false }, 200: { cpuMs: 4, pacePast: true } });
  expect(ratio(points, 'relay', 'relay', '100', ({ cpuMs }) => cpuMs)).toBe(1);
  expect(ratio(points, 'relay', 'naive', '100', ({ cpuMs }) => cpuMs)).toBeNaN();
});

it('compares contenders within a process, never the best of one with the best of another', () => {
  const processes = [
    { onhook: 2, naive: 8 },
    { onhook: 6, naive: 10 },
    { onhook: 3, naive: 6 },
  ];
  // The best of each would be 2 of 6.
  expect(ratioWithin(processes, 'onhook', 'naive')).toBe(0.5);
});

it('draws the line to 85 % of a core through the last two points at which the load was punctual', () => {
  // 100 calls take 250 ms of each second and 200 take 450: two for each more, so 200 more for the 400 that are left.
  expect(callsPerCore({ 100: point(2.5), 200: point(2.25), 400: point(9, true) })).toEqual({ calls: 400, isExtrapolated: true });
  expect(callsPerCore({ 100: point(5), 200: point(5) })).toEqual({ calls: 170, isExtrapolated: false });
  expect(callsPerCore({ 100: point(5), 200: point(5, true) })).toBeNull();
});

it('says which control came out as no honest one does', () => {
  const points = pointsOf([run('relay', 100, 9), run('naive', 100, 10)]);
  expect(controlsAreHonest([{ relay: 4, naive: 10 }], points)).toEqual([]);
  expect(controlsAreHonest([{ relay: 6, naive: 10 }], points)).toEqual(['relay/naive in process is 0.6, not 0.3 to 0.52']);
  expect(controlsAreHonest([{ relay: 4, naive: 10 }], pointsOf([run('relay', 100, 5), run('naive', 100, 10)]))).toEqual([
    'relay/naive end to end is 0.5, not 0.8 to 0.95',
  ]);
});
