import { systemClock, systemLoopUsage, systemTimers } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createLoadGauge, SAMPLE_EVERY_MS } from './load-gauge.js';

/** A loop that is busy for the given share of the time. */
function begin() {
  const time = createVirtualTime();
  const usage = { activeMs: 500, idleMs: 20 };
  const gauge = createLoadGauge({ loop: { sample: () => ({ ...usage }) }, clock: time, timers: time });
  return {
    gauge,
    async pass(ms: number, busy: number) {
      for (let passed = 0; passed < ms; passed += SAMPLE_EVERY_MS) {
        usage.activeMs += SAMPLE_EVERY_MS * busy;
        usage.idleMs += SAMPLE_EVERY_MS * (1 - busy);
        await time.advance(SAMPLE_EVERY_MS);
      }
    },
  };
}

describe('the load gauge', () => {
  it('knows nothing at first, and what was before it does not count', async () => {
    const { gauge, pass } = begin();
    expect(gauge.current()).toEqual({ utilisation: 0, lagMs: 0 });
    await pass(200, 0.25);
    expect(gauge.current().utilisation).toBeCloseTo(0.25);
  });

  it('shows the last second and nothing older', async () => {
    const { gauge, pass } = begin();
    await pass(3_000, 1);
    expect(gauge.current().utilisation).toBeCloseTo(1);
    await pass(500, 0);
    expect(gauge.current().utilisation).toBeCloseTo(0.5);
    await pass(500, 0);
    expect(gauge.current().utilisation).toBeCloseTo(0);
  });

  it('sees no single pause as a late loop, but a loop that is late at every look', async () => {
    const time = createVirtualTime();
    const late = {
      ...time,
      every: (ms: number, run: () => void) => time.every(ms, () => (time.monotonicMs() === 500 ? undefined : run())),
    };
    const gauge = createLoadGauge({ loop: { sample: () => ({ activeMs: 0, idleMs: 1 }) }, clock: time, timers: late });
    await time.advance(1_500);
    expect(gauge.current().lagMs).toBe(0);
    const slow = { ...time, every: (ms: number, run: () => void) => time.every(ms + 70, run) };
    const lagging = createLoadGauge({ loop: { sample: () => ({ activeMs: 0, idleMs: 1 }) }, clock: time, timers: slow });
    await time.advance(1_500);
    expect(lagging.current().lagMs).toBe(70);
  });

  it('feels a real block of the loop', async () => {
    const gauge = createLoadGauge({ loop: systemLoopUsage, clock: systemClock, timers: systemTimers });
    for (let i = 0; i < 3; i++) {
      const until = systemClock.monotonicMs() + 300;
      while (systemClock.monotonicMs() < until);
      await systemTimers.sleep(0);
    }
    await systemTimers.sleep(SAMPLE_EVERY_MS);
    gauge.stop();
    expect(gauge.current().lagMs).toBeGreaterThan(150);
    expect(gauge.current().utilisation).toBeGreaterThan(0.5);
  });
});
