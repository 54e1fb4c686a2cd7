import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createInOrder } from './in-order.js';

describe('the lines of the demonstration', () => {
  it('are printed by their moment although they come out of order', async () => {
    const time = createVirtualTime();
    const printed: string[] = [];
    const inOrder = createInOrder({ timers: time, print: (_, line) => printed.push(line) });
    inOrder.tell(200, 'second');
    await time.advance(100);
    inOrder.tell(100, 'first');
    await time.advance(1_100);
    expect(printed).toEqual(['first', 'second']);
    inOrder.tell(300, 'third');
    inOrder.end();
    expect(printed).toEqual(['first', 'second', 'third']);
  });
});
