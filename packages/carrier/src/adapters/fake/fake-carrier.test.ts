import { describe, expect, it } from 'vitest';
import { createVirtualTime } from '@onhook/service/virtual-time';
import { aPlaceCall, describeCarrier } from '../../conformance/index.js';
import { createFakeCarrier } from './fake-carrier.js';

describeCarrier('the fake carrier', async () => {
  const time = createVirtualTime();
  const carrier = createFakeCarrier({ clock: time, timers: time });
  return {
    carrier,
    created: () => carrier.requests.filter((request) => request.type === 'place').length,
    setStatus: (sid, status) => carrier.setStatus(sid, status),
    now: () => time.now(),
    stop: async () => undefined,
  };
});

describe('the fake carrier does what it is told', () => {
  const open = () => {
    const time = createVirtualTime();
    return { time, carrier: createFakeCarrier({ clock: time, timers: time }) };
  };

  it('answers as scripted, one request each, and then by itself again', async () => {
    const { carrier } = open();
    carrier.next.place({ outcome: 'refused', code: 21_211, retryable: false }, carrier.lostAnswer);
    expect(await carrier.placeCall(aPlaceCall(), () => false)).toMatchObject({ outcome: 'refused' });
    expect(carrier.legs).toHaveLength(0);
    expect(await carrier.placeCall(aPlaceCall(), () => false)).toMatchObject({ outcome: 'unclear' });
    expect(carrier.legs).toHaveLength(1);
    expect(await carrier.placeCall(aPlaceCall(), () => false)).toMatchObject({ outcome: 'accepted' });
    expect(carrier.requests.map((request) => request.outcome.outcome)).toEqual(['refused', 'unclear', 'accepted']);
  });

  it('answers late, ends late, and lists late', async () => {
    const { time, carrier } = open();
    carrier.setLagMs(500);
    carrier.setListLagMs(3_000);
    carrier.setEndsAfterMs(2_000);
    let isPlaced = false;
    const placing = carrier.placeCall(aPlaceCall(), () => false).then(() => (isPlaced = true));
    await time.advance(499);
    expect(isPlaced).toBe(false);
    await time.advance(1);
    await placing;
    carrier.setLagMs(0);
    const { sid } = carrier.legs[0]!;
    expect(await carrier.listCalls({ createdAfter: 0 })).toMatchObject({ calls: [] });
    carrier.setStatus(sid, 'in-progress');
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'asked', status: 'in-progress' });
    await time.advance(1_999);
    expect(carrier.legs[0]!.status).toBe('in-progress');
    await time.advance(1_000);
    expect(carrier.legs[0]!.status).toBe('completed');
    expect(await carrier.listCalls({ createdAfter: 0 })).toMatchObject({ calls: [{ sid }] });
  });

  it('says yes to a hangup and does nothing', async () => {
    const { time, carrier } = open();
    carrier.setEndsAfterMs(null);
    const { sid } = carrier.addLeg({ status: 'in-progress' });
    expect(await carrier.hangUp(sid)).toEqual({ outcome: 'asked', status: 'in-progress' });
    await time.advance(60_000);
    expect(carrier.legs[0]!.status).toBe('in-progress');
  });
});
