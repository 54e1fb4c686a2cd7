import { silentLogger } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { createReconcilePlaces, placeOf } from './reconcile-places.js';
import { createHangupWorld, GATEWAY, PRICE, redial } from './testing/hangup-world.js';

function setUp() {
  const world = createHangupWorld();
  const { calls, admission } = world;
  const reconcile = createReconcilePlaces({ account: 'default', calls, places: admission, logger: silentLogger });
  const held = async () => (await admission.places('default')).map(({ callId, n }) => `${callId}:${n}`);
  return { ...world, reconcile, held };
}

describe('the places of admission', () => {
  it('stay with attempts that are under way', async () => {
    const { bridged, reconcile, held, time } = setUp();
    const { callId } = await bridged();
    await time.advance(300_000);
    await reconcile();
    expect(await held()).toEqual([`${callId}:1`]);
  });

  it('are taken from attempts that are proven to be over, if settling lost them', async () => {
    const { calls, bridged, reconcile, held, tend, carrier, endAsked, admission } = setUp();
    const { callId, sid } = await bridged();
    const [place] = await admission.places('default');
    await calls.apply(callId, endAsked);
    await tend(callId, 'hangup-worker');
    expect(await held()).toEqual([]);
    const { call } = (await calls.load(callId))!;
    expect(carrier.legs.find((leg) => leg.sid === sid)?.status).toBe('completed');
    await admission.restore({
      account: 'default',
      callId,
      n: 1,
      to: call.to,
      from: call.attempts[0]!.from,
      campaignId: null,
      mostMinutes: 1,
      microsPerMinute: null,
      gatewayId: null,
      expiresAt: place!.expiresAt,
    });
    expect(await held()).toHaveLength(1);
    await reconcile();
    expect(await held()).toEqual([]);
  });

  it('stay with attempts whose end nobody proved, until they run out', async () => {
    const { calls, dialed, reconcile, held, tend, time } = setUp();
    const callId = await dialed();
    await calls.apply(callId, { type: 'unclear', n: 1, reason: 'ECONNRESET', source: 'dialer' });
    await tend(callId, 'hangup-worker');
    await time.advance(161_000);
    await tend(callId, 'hangup-worker');
    expect((await calls.load(callId))?.call.state).toBe('ended');
    await reconcile();
    expect(await held()).toHaveLength(1);
  });

  it('are taken from a dialer that died after the grant, but not before a minute has passed', async () => {
    const { calls, dialed, reconcile, held, admission, time } = setUp();
    const callId = await dialed();
    await calls.apply(callId, { type: 'not-sent', n: 1, dial: 1, retryAt: time.now(), reason: 'rate-limited', source: 'dialer' });
    await time.advance(30_000);
    await reconcile();
    expect(await held()).toHaveLength(1);
    await time.advance(31_000);
    await reconcile();
    expect(await held()).toEqual([]);
    expect(await admission.places('default')).toEqual([]);
  });

  it('are left to a dialer that asked for them anew while this process slept', async () => {
    const { calls, dialed, held, admission, time } = setUp();
    const callId = await dialed();
    await calls.apply(callId, { type: 'not-sent', n: 1, dial: 1, retryAt: time.now(), reason: 'rate-limited', source: 'dialer' });
    await time.advance(61_000);
    const sleepy = createReconcilePlaces({
      account: 'default',
      calls: {
        ...calls,
        async load(id) {
          const loaded = await calls.load(id);
          // It sleeps over this: the place is old and has no dial. When it wakes, there is one.
          await redial(admission, callId);
          return loaded;
        },
      },
      places: admission,
      logger: silentLogger,
    });
    await sleepy();
    expect(await held()).toEqual([`${callId}:1`]);
  });

  it('are not left to an attempt that was settled while they were being restored', async () => {
    const { calls, bridged, held, tend, endAsked, admission } = setUp();
    const { callId } = await bridged();
    await admission.release('default', callId, 1, 'not-dialed');
    let loads = 0;
    const sleepy = createReconcilePlaces({
      account: 'default',
      calls: {
        ...calls,
        async load(id) {
          const loaded = await calls.load(id);
          if (loads++ === 0) {
            await calls.apply(callId, endAsked);
            await tend(callId, 'hangup-worker');
          }
          return loaded;
        },
      },
      places: admission,
      logger: silentLogger,
    });
    await sleepy();
    expect((await calls.load(callId))!.call.state).toBe('ended');
    expect(await held()).toEqual([]);
  });

  it('are given back to attempts under way when Redis has lost them', async () => {
    const { bridged, reconcile, held, admission } = setUp();
    const { callId } = await bridged();
    await admission.release('default', callId, 1, 'not-dialed');
    expect(await held()).toEqual([]);
    await reconcile();
    expect(await held()).toEqual([`${callId}:1`]);
  });

  it('are restored with the price, and the seat, that they were granted with', async () => {
    const { bridged, call } = setUp();
    const { callId } = await bridged();
    expect(placeOf(await call(callId))).toMatchObject({ microsPerMinute: PRICE, gatewayId: GATEWAY, mostMinutes: 11 });
  });
});
