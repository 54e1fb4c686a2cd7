import { describe, expect, it } from 'vitest';
import { createVirtualTime, type VirtualTime } from '@onhook/service/virtual-time';
import { createDialQueue, dayMs, type QueuedCall } from './dial-queue.js';

function queueOf(callsPerSecond: number | undefined, expiryMs?: number) {
  const time: VirtualTime = createVirtualTime();
  const queue = createDialQueue({ callsPerSecond, expiryMs, clock: time, timers: time });
  const dialled: string[] = [];
  const expired: string[] = [];
  const enter = (name: string): QueuedCall =>
    queue.enter(
      () => void dialled.push(`${name} ${time.monotonicMs()}`),
      () => void expired.push(`${name} ${time.monotonicMs()}`),
    );
  return { time, enter, dialled, expired, queue };
}

describe('the queue before the dialling', () => {
  it('has no limit unless one is given', () => {
    const { enter, dialled } = queueOf(undefined);
    for (const name of ['a', 'b', 'c']) expect(enter(name).estimateMs).toBe(0);
    expect(dialled).toEqual(['a 0', 'b 0', 'c 0']);
  });

  it('dials one call a second at one call per second, in the order of the creates, and says how long each will wait', async () => {
    const { time, enter, dialled } = queueOf(1);
    expect(['a', 'b', 'c'].map((name) => enter(name).estimateMs)).toEqual([0, 1_000, 2_000]);
    await time.advance(10_000);
    expect(dialled).toEqual(['a 0', 'b 1000', 'c 2000']);
  });

  it('lets a burst of a second through after a pause, and keeps the rate in the long run', async () => {
    const { time, enter, dialled } = queueOf(5);
    for (let i = 0; i < 30; i++) enter(String(i));
    await time.advance(60_000);
    const times = dialled.map((line) => Number(line.split(' ')[1]));
    expect(times.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(times.at(-1)).toBe(5_000);
    for (let i = 0; enter(`late ${i}`).estimateMs === 0; i++) expect(i).toBeLessThan(5);
  });

  it('gives a call up that has waited for a day', async () => {
    const { time, enter, dialled, expired } = queueOf(0.000_01);
    enter('first');
    enter('second');
    await time.advance(dayMs);
    expect(dialled).toEqual(['first 0']);
    expect(expired).toEqual([`second ${dayMs}`]);
  });

  it('forgets a call that leaves, and gives its turn to the next', async () => {
    const { time, enter, dialled, expired } = queueOf(1, 5_000);
    enter('a');
    const b = enter('b');
    enter('c');
    b.leave();
    await time.advance(10_000);
    expect(dialled).toEqual(['a 0', 'c 1000']);
    expect(expired).toEqual([]);
  });
});
