import { silentLogger } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { createEndStray } from './stray.js';
import { createHangupWorld } from './testing/hangup-world.js';

describe('a stray leg', () => {
  it('is hung up, and looked at until it is over', async () => {
    const { carrier, time } = createHangupWorld();
    const leg = carrier.addLeg({ status: 'in-progress' });
    carrier.next.hangUp({ outcome: 'failed', reason: 'timeout' });
    const ended = createEndStray({ carrier, timers: time, logger: silentLogger })(leg.sid);
    await time.advance(20_000);
    await ended;
    expect(carrier.legs[0]?.status).toBe('completed');
  });

  it('that is over already is not touched', async () => {
    const { carrier, time } = createHangupWorld();
    const leg = carrier.addLeg({ status: 'completed' });
    const ended = createEndStray({ carrier, timers: time, logger: silentLogger })(leg.sid);
    await time.advance(100);
    await ended;
    expect(carrier.requests.map((request) => request.type)).toEqual(['fetch']);
  });
});
