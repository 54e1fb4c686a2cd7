import { silentLogger } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { watchProgress, type Progress } from './progress.js';

function setUp() {
  const time = createVirtualTime();
  const now: { -readonly [K in keyof Progress]: Progress[K] } = { waiting: 0, begun: 0, done: 0, concurrency: 2 };
  let isAway = false;
  let alarms = 0;
  const stop = new AbortController();
  const watching = watchProgress(
    {
      progress: async () => {
        if (isAway) throw new Error('redis is away');
        return { ...now };
      },
      onStuck: () => void alarms++,
      clock: time,
      timers: time,
      logger: silentLogger,
    },
    stop.signal,
  );
  return {
    time,
    now,
    setAway: (value: boolean) => void (isAway = value),
    alarms: () => alarms,
    stop: async () => (stop.abort(), await watching),
  };
}

describe('a worker that is watched', () => {
  it('is stuck when work waits and nothing moves for ten seconds, and that is said once', async () => {
    const { time, now, alarms, stop } = setUp();
    now.waiting = 3;
    await time.advance(11_000);
    expect(alarms()).toBe(0);
    await time.advance(3_000);
    expect(alarms()).toBe(1);
    await time.advance(60_000);
    expect(alarms()).toBe(1);
    await stop();
  });

  it('is not stuck while it takes jobs, however many wait', async () => {
    const { time, now, alarms, stop } = setUp();
    now.waiting = 1_000;
    for (let i = 0; i < 20; i++) {
      await time.advance(8_000);
      now.begun++;
      now.done++;
    }
    expect(alarms()).toBe(0);
    await stop();
  });

  it('is not stuck while nothing waits', async () => {
    const { time, alarms, stop } = setUp();
    await time.advance(600_000);
    expect(alarms()).toBe(0);
    await stop();
  });

  it('is not judged while Redis is away, nor in the first seconds after', async () => {
    const { time, now, alarms, setAway, stop } = setUp();
    now.waiting = 1;
    await time.advance(8_000);
    setAway(true);
    await time.advance(120_000);
    setAway(false);
    await time.advance(9_000);
    expect(alarms()).toBe(0);
    now.begun++;
    await stop();
  });

  it('has a minute if all its hands are full', async () => {
    const { time, now, alarms, stop } = setUp();
    Object.assign(now, { waiting: 1, begun: 7, done: 5 });
    await time.advance(50_000);
    expect(alarms()).toBe(0);
    await time.advance(20_000);
    expect(alarms()).toBe(1);
    await stop();
  });
});
