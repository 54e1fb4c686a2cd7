import { newGatewayId } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { startLeases } from './leases.js';

describe('media leases', () => {
  it.each([
    ['every third of a short lease, so that two renewals may fail', 1_500, 500],
    ['every two seconds of a long one: the answer is also the second channel for close orders', 60_000, 2_000],
  ])('are renewed %s', async (_, leaseMs, everyMs) => {
    const time = createVirtualTime();
    const renewed: number[] = [];
    const leases = startLeases({
      gatewayId: newGatewayId(createSeededChance(1, time).uuidv7()),
      calls: { renewLeases: async () => (renewed.push(time.now()), { close: [] }) },
      live: { streams: () => [{ callId: 'call_x' as never, streamSid: 'MZ1' as never }], get: () => undefined },
      timers: time,
      logger: silentLogger,
      leaseMs,
    });
    const from = time.now();
    await time.advance(3 * everyMs);
    leases.stop();
    expect(renewed.map((at) => at - from)).toEqual([everyMs, 2 * everyMs, 3 * everyMs]);
  });
});
