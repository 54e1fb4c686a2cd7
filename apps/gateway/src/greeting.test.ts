import { describe, expect, it } from 'vitest';
import { createGreeting } from './greeting.js';

const first = { turnId: 't1', itemId: 'i1' };
const heard = (ms: number) => () => ms;

describe('the greeting', () => {
  it('is over half a second before its last word was heard, when nothing more will come', () => {
    const greeting = createGreeting();
    expect(greeting.isOver(0, heard(0))).toBe(false);
    greeting.audio(first, 16_000, 100);
    expect(greeting.isOver(1_700, heard(1_600))).toBe(false);
    greeting.turnDone('t1');
    expect(greeting.isOver(1_500, heard(1_400))).toBe(false);
    expect(greeting.isOver(1_600, heard(1_500))).toBe(true);
    expect(greeting.isOver(1_600, heard(0))).toBe(true);
  });

  it('is not prolonged by what is said behind it', () => {
    const greeting = createGreeting();
    greeting.audio(first, 8_000, 0);
    greeting.turnDone('t1');
    greeting.audio({ turnId: 't2', itemId: 'i2' }, 80_000, 10);
    expect(greeting.isOver(1_000, (itemId) => (itemId === 'i1' ? 1_000 : 0))).toBe(true);
  });

  it('is over when the callee broke into it, when its turn came to nothing twice, and when the provider forgets to end it', () => {
    const interrupted = createGreeting();
    interrupted.audio(first, 8_000, 0);
    interrupted.interrupted();
    expect(interrupted.isOver(10, heard(0))).toBe(true);
    const silent = createGreeting();
    expect(silent.turnDone('t1')).toBe('say-again');
    expect(silent.isOver(10, heard(0))).toBe(false);
    expect(silent.turnDone('t2')).toBe('go-on');
    expect(silent.isOver(10, heard(0))).toBe(true);
    const endless = createGreeting();
    endless.audio(first, 8_000, 0);
    expect(endless.isOver(2_999, heard(1_000))).toBe(false);
    expect(endless.isOver(3_000, heard(1_000))).toBe(true);
  });
});
