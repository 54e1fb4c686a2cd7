import { expect, it } from 'vitest';
import { measureLateness, stolenTicksOf } from './lateness.js';

it('measures against the stream’s own beginning, and keeps apart what came while the machine was stolen', () => {
  const looks = [0, 100, 200, 300].map((atMs, i) => ({ atMs, stolenTicks: i < 2 ? 5 : 6 }));
  const arrivedMs = Float64Array.from([1, 21, 45, 63, 85, 190, 125, 141, 210, 215, 203, 226, Number.NaN, 261]);
  expect(measureLateness({ arrivedMs, framesEach: 14, firstDueMs: [0], fromMs: 20, toMs: 300, looks })).toEqual({
    // Due at 20 … 80 and at 200 …; what was due at 100 … 180, or had not come by then, met the stolen slice.
    undisturbed: { p50: 3, p99: 6, max: 6 },
    all: { p50: 5, p99: 90, max: 90 },
    frames: 12,
    missing: 1,
    slices: 2,
    slicesKept: 1,
  });
});

it('knows nothing of what did not happen', () => {
  const none = { arrivedMs: new Float64Array(0), framesEach: 0, firstDueMs: [], fromMs: 0, toMs: 1, looks: [] };
  expect(measureLateness(none)).toMatchObject({ undisturbed: null, all: null, frames: 0, slicesKept: 0 });
});

it('finds the steal time of a Linux, and none elsewhere', () => {
  expect(stolenTicksOf('cpu  494597 0 67515 432432 3003 0 1576 50874 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n')).toBe(50_874);
  expect(stolenTicksOf('')).toBe(0);
});
