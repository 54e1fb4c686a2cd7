import { silentLogger } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { createTend } from './tend.js';
import { createHangupWorld, FROM, GATEWAY, redial, STREAM, TO } from './testing/hangup-world.js';
import { runWatchdog } from './watchdog.js';

describe('tending a call whose end was asked', () => {
  it('completes it at the carrier, orders the gateway to close, and settles it in one go', async () => {
    const { calls, tend, bridged, endAsked, call, orders, carrier, admission } = createHangupWorld();
    const { callId, sid } = await bridged();
    await calls.apply(callId, endAsked);
    await tend(callId, 'hangup-worker');
    expect(carrier.legs.find((leg) => leg.sid === sid)?.status).toBe('completed');
    expect(orders[0]).toEqual({ gatewayId: GATEWAY, order: { type: 'close', callId, streamSid: STREAM } });
    const ended = await call(callId);
    expect(ended.state).toBe('ended');
    expect(ended.attempts[0]?.over).toMatchObject({
      disposition: 'completed',
      cause: 'agent-ended-call',
      by: 'agent',
      endedBy: 'hangup-worker',
      proven: true,
    });
    expect(await admission.places('default')).toHaveLength(0);
  });

  it('writes the close order although the carrier does not answer, and asks the carrier although the order cannot be written', async () => {
    const one = createHangupWorld();
    const { callId } = await one.bridged();
    await one.calls.apply(callId, one.endAsked);
    one.carrier.next.hangUp({ outcome: 'failed', reason: 'timeout' });
    one.carrier.next.fetch({ outcome: 'failed', reason: 'timeout' });
    await one.tend(callId, 'hangup-worker');
    expect(one.orders).toHaveLength(1);
    expect((await one.call(callId)).state).toBe('ending');
  });

  it.each([
    ['200 and still in progress', { outcome: 'asked', status: 'in-progress' }],
    ['Twilio error 21220', { outcome: 'perhaps-over', code: 21220 }],
    ['Twilio error 20404', { outcome: 'perhaps-over', code: 20404 }],
  ] as const)('takes no answer to the hangup for a proof: %s', async (_, answer) => {
    const { calls, tend, bridged, endAsked, call, carrier } = createHangupWorld();
    const { callId } = await bridged();
    await calls.apply(callId, endAsked);
    carrier.next.hangUp(() => answer);
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('ending');
  });

  it('is repeated by the watchdog until the carrier says that it is over', async () => {
    const { time, calls, tend, perform, bridged, endAsked, call, carrier, sent } = createHangupWorld();
    const { callId, sid } = await bridged();
    await calls.apply(callId, endAsked);
    carrier.setEndsAfterMs(null);
    const stop = new AbortController();
    const watchdog = runWatchdog(
      { calls, tend, perform, clock: time, timers: time, logger: silentLogger, everyMs: 250, leaseTtlMs: 6_000 },
      stop.signal,
    );
    for (let i = 0; i < 40; i++) await time.advance(250);
    expect(sent('hang-up').length).toBeGreaterThanOrEqual(3);
    expect((await call(callId)).state).toBe('ending');
    carrier.setStatus(sid, 'completed');
    for (let i = 0; i < 40; i++) await time.advance(250);
    const ended = await call(callId);
    expect(ended.state).toBe('ended');
    stop.abort();
    await watchdog;
  });

  it('is repeated safely: a second worker in the same moment changes nothing', async () => {
    const { calls, tend, bridged, endAsked, call } = createHangupWorld();
    const { callId } = await bridged();
    await calls.apply(callId, endAsked);
    await Promise.all([tend(callId, 'hangup-worker'), tend(callId, 'hangup-worker'), tend(callId, 'watchdog')]);
    expect((await call(callId)).state).toBe('ended');
    const timeline = await calls.timeline(callId);
    expect(timeline.filter((entry) => entry.state === 'ended' && entry.verdict === 'moved')).toHaveLength(1);
  });

  it('does nothing for a call that lives', async () => {
    const { tend, bridged, call, sent, orders } = createHangupWorld();
    const { callId } = await bridged();
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('bridged');
    expect(sent('hang-up')).toHaveLength(0);
    expect(orders).toHaveLength(0);
  });

  it('never gives back the place of the next attempt, which is under way when a worker that slept wakes', async () => {
    const { calls, carrier, tend, perform, orders, admission, dialed, call, time, redialing } = createHangupWorld();
    redialing.maxAttempts = 2;
    const callId = await dialed();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'busy' });
    await calls.apply(callId, { type: 'carrier', n: 1, sid, status: 'busy', via: 'callback', source: 'callback' });
    expect((await call(callId)).state).toBe('settling');
    // Asleep right after its look at the record: another worker settles the call, and it is dialed again.
    const slept = createTend({
      calls: {
        ...calls,
        async load(id) {
          const loaded = await calls.load(id);
          await tend(callId, 'hangup-worker');
          await time.advance(60_000);
          await calls.apply(callId, { type: 'deadline-passed', deadline: (await call(callId)).deadline!, source: 'watchdog' });
          await redial(admission, callId, 2);
          await calls.apply(callId, { type: 'dial-started', n: 2, from: FROM, source: 'dialer' });
          return loaded;
        },
      },
      carrier,
      orders: { send: async (gatewayId, order) => void orders.push({ gatewayId, order }) },
      admission,
      perform,
      lookForLeg: async () => ({ event: null, strays: [] }),
      clock: time,
      logger: silentLogger,
    });
    await slept(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('dialing');
    expect((await admission.places('default')).map(({ n }) => n)).toEqual([2]);
  });

  it('gives back what a dialer took for a call that was canceled before its dial', async () => {
    const { calls, tend, admission, queued, call } = createHangupWorld();
    const callId = await queued();
    await redial(admission, callId);
    await calls.apply(callId, { type: 'end-asked', cause: 'canceled', by: 'operator', source: 'api' });
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('ended');
    expect(await admission.places('default')).toEqual([]);
  });
});
