import { newCallId, newGatewayId, type GatewayOrder, type StreamSid, type Wake } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { createPerform } from './effects.js';

const chance = createSeededChance(3, { now: () => 1_700_000_000_000 });
const callId = newCallId('a', chance.uuidv7());
const [us, others] = [newGatewayId(chance.uuidv7()), newGatewayId(chance.uuidv7())];
const order: GatewayOrder = { type: 'say-and-end', callId, streamSid: `MZ${'a'.repeat(32)}` as StreamSid };

function bench({ away = false } = {}) {
  const wakes: Wake[] = [];
  const sent: unknown[] = [];
  const own: GatewayOrder[] = [];
  const perform = createPerform({
    gatewayId: us,
    logger: silentLogger,
    onOwnOrder: (one) => void own.push(one),
    waker: async (wanted) => {
      if (away) throw new Error('the queue is away');
      wakes.push(...wanted);
    },
    orders: {
      async send(to, one) {
        if (away) throw new Error('Redis is away');
        sent.push([to, one]);
      },
    },
  });
  return { perform, wakes, sent, own };
}

describe('effects', () => {
  it('go where they belong: wakes to the queue, orders to their gateway, our own by hand', async () => {
    const { perform, wakes, sent, own } = bench();
    await perform([
      { type: 'wake-hangup', callId },
      { type: 'order', gatewayId: others, order },
      { type: 'order', gatewayId: us, order },
      { type: 'wake-dialer', callId, at: 5 },
      { type: 'alarm', callId, what: 'something' },
    ]);
    expect(wakes).toEqual([
      { type: 'wake-hangup', callId },
      { type: 'wake-dialer', callId, at: 5 },
    ]);
    expect(sent).toEqual([[others, order]]);
    expect(own).toEqual([order]);
  });

  it('that cannot be sent fail nobody: the deadline of the record repeats them', async () => {
    const { perform, own } = bench({ away: true });
    await perform([
      { type: 'wake-hangup', callId },
      { type: 'order', gatewayId: others, order },
      { type: 'order', gatewayId: us, order },
    ]);
    expect(own).toEqual([order]);
  });

  it('of another process are never performed here', async () => {
    const { perform, wakes, sent } = bench();
    await perform([{ type: 'place-call', callId, n: 1 }]);
    expect([wakes, sent]).toEqual([[], []]);
  });
});
