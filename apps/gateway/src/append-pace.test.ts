import { silentLogger } from '@onhook/service';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAppendPace } from './append-pace.js';

it('grows as the event loop fills up, and shrinks only when it is well below', () => {
  const pace = createAppendPace({ setting: 'adaptive', logger: silentLogger });
  const after = (utilisation: number): number => (pace.look({ utilisation }), pace.ms());
  expect([0.1, 0.49, 0.5, 0.69, 0.36, 0.7, 0.51, 0.49, 0.36, 0.34].map(after)).toEqual([
    20, 20, 60, 60, 60, 100, 100, 60, 60, 20,
  ]);
  // A burst may take two steps at once, and a lull too.
  expect([0.95, 0.1].map(after)).toEqual([100, 20]);
});

it('never goes to and fro over a change of the load of less than a tenth', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 0.1, noNaN: true })),
      (base, ripples) => {
        const pace = createAppendPace({ setting: 'adaptive', logger: silentLogger });
        const seen = ripples.map((ripple) => (pace.look({ utilisation: base + ripple }), pace.ms()));
        expect(seen.filter((ms, i) => i > 0 && ms < seen[i - 1]!)).toEqual([]);
      },
    ),
  );
});

it.each([20, 60, 100] as const)('stays at %i if that is what was asked for', (setting) => {
  const pace = createAppendPace({ setting, logger: silentLogger });
  for (const utilisation of [0, 0.6, 1]) pace.look({ utilisation });
  expect(pace.ms()).toBe(setting);
});
