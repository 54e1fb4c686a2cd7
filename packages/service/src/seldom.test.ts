import { describe, expect, it } from 'vitest';
import { createSeldom } from './seldom.js';
import { createVirtualTime } from './virtual-time.js';

describe('what is said seldom', () => {
  it('is said once a minute, each for itself', async () => {
    const time = createVirtualTime();
    const isTime = createSeldom({ clock: time });
    expect([isTime('a'), isTime('a'), isTime('b')]).toEqual([true, false, true]);
    await time.advance(59_000);
    expect(isTime('a')).toBe(false);
    await time.advance(1_000);
    expect([isTime('a'), isTime('a')]).toEqual([true, false]);
  });

  it('forgets what was said longest ago rather than grow', () => {
    const isTime = createSeldom({ clock: createVirtualTime(), mostKeys: 2 });
    expect(['a', 'b', 'c', 'b', 'a'].map(isTime)).toEqual([true, true, true, false, true]);
  });
});
