import type { FetchOutcome, HangUpOutcome } from '@onhook/carrier';
import type { CarrierCallId, CarrierStatus } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { describe, expect, it } from 'vitest';
import { hangUpDirectly } from './hang-up-directly.js';

const sid = `CA${'a'.repeat(32)}` as CarrierCallId;
const found = (status: CarrierStatus): FetchOutcome => ({
  outcome: 'found',
  call: {
    sid,
    to: '',
    from: '',
    status,
    direction: 'outbound-api',
    parentSid: null,
    createdAt: null,
    durationSec: null,
    answeredBy: null,
  },
});

/** Answers in turn, the last one for ever. */
function carrier(hangUps: HangUpOutcome[], looks: FetchOutcome[]) {
  const asked = { hangUps: 0, looks: 0 };
  return {
    asked,
    hangUp: async () => hangUps[Math.min(asked.hangUps++, hangUps.length - 1)]!,
    fetchCall: async () => looks[Math.min(asked.looks++, looks.length - 1)]!,
  };
}

describe('hanging up without Redis', () => {
  it('takes no answer for a proof: it looks until the carrier says that the leg is over', async () => {
    const time = createVirtualTime();
    const fake = carrier(
      [
        { outcome: 'failed', reason: '503' },
        { outcome: 'asked', status: 'in-progress' },
        { outcome: 'perhaps-over', code: 21220 },
      ],
      [found('in-progress'), { outcome: 'failed', reason: 'timeout' }, found('completed')],
    );
    const over = hangUpDirectly({ carrier: fake, timers: time, logger: silentLogger }, sid);
    await time.advance(10_000);
    expect(await over).toBe(true);
    expect(fake.asked).toEqual({ hangUps: 4, looks: 3 });
  });

  it('gives up after half a minute: the socket is closed, and TimeLimit stands behind', async () => {
    const time = createVirtualTime();
    const fake = carrier([{ outcome: 'failed', reason: 'unreachable' }], [found('in-progress')]);
    const over = hangUpDirectly({ carrier: fake, timers: time, logger: silentLogger }, sid);
    await time.advance(30_000);
    expect(await over).toBe(false);
    expect(fake.asked).toEqual({ hangUps: 10, looks: 0 });
  });
});
