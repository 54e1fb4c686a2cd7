import { describe, expect, it } from 'vitest';
import { mostAtATime, mostInSlidingSpan } from './sliding.js';

describe('what the bench counts', () => {
  it('is the most in any half-open span', () => {
    expect(mostInSlidingSpan([], 1_000)).toBe(0);
    expect(mostInSlidingSpan([0, 500, 999, 1_000, 1_500], 1_000)).toBe(3);
    expect(mostInSlidingSpan([1_000, 0], 1_000)).toBe(1);
  });

  it('is the most at a time', () => {
    const spans = [
      { from: 0, to: 10 },
      { from: 10, to: 20 },
      { from: 5, to: 12 },
    ];
    expect(mostAtATime(spans)).toBe(2);
  });
});
