import { describe, expect, it } from 'vitest';
import { createKeypad } from './keypad.js';

describe('a keypad', () => {
  it('presses one key after another, 200 ms apart, with pauses for w and W', () => {
    const keypad = createKeypad();
    keypad.press('1w2W#', 1_000);
    const pressed: string[] = [];
    for (let ms = 1_000; ms <= 3_500; ms += 20) for (const key of keypad.due(ms)) pressed.push(`${key} ${ms}`);
    expect(pressed).toEqual(['1 1120', '2 1820', '# 3020']);
  });

  it('passes over what is no key, and queues what is pressed meanwhile', () => {
    const keypad = createKeypad();
    keypad.press('x5-', 0);
    keypad.press('a', 10);
    expect(keypad.due(120)).toEqual(['5']);
    expect(keypad.due(300)).toEqual([]);
    expect(keypad.due(320)).toEqual(['A']);
    expect(keypad.due(9_999)).toEqual([]);
  });
});
