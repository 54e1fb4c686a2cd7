import { describe, expect, it } from 'vitest';
import { systemTimers } from './clock.js';
import { createVirtualTime } from './virtual-time.js';

describe('virtual time', () => {
  it('stands still until it is told to move, and then runs what falls due in order', async () => {
    const time = createVirtualTime(1_000);
    const seen: string[] = [];
    time.after(20, () => seen.push(`b ${time.now()}`));
    time.after(10, () => seen.push(`a ${time.now()}`));
    const every = time.every(15, () => seen.push(`every ${time.now()}`));
    expect(time.now()).toBe(1_000);
    await time.advance(30);
    expect(seen).toEqual(['a 1010', 'every 1015', 'b 1020', 'every 1030']);
    every.cancel();
    await time.advance(100);
    expect(seen).toHaveLength(4);
    expect(time.monotonicMs()).toBe(130);
  });

  it('a sleeper wakes when its time has come or its signal aborts', async () => {
    const time = createVirtualTime();
    const aborter = new AbortController();
    const slept: string[] = [];
    void time.sleep(50).then(() => slept.push('slept'));
    void time.sleep(1_000, aborter.signal).then(() => slept.push('aborted'));
    await time.advance(50);
    expect(slept).toEqual(['slept']);
    aborter.abort();
    await time.advance(0);
    expect(slept).toEqual(['slept', 'aborted']);
  });
});

describe('system timers', () => {
  it('a sleep whose signal aborts ends at once and rejects never', async () => {
    const aborter = new AbortController();
    const sleep = systemTimers.sleep(60_000, aborter.signal);
    aborter.abort();
    await expect(sleep).resolves.toBeUndefined();
    await expect(systemTimers.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
  });
});
