import { createFakeCarrier } from '@onhook/carrier/fake';
import {
  newCallId,
  type CallId,
  type CarrierCallId,
  type E164,
  type GatewayId,
  type GatewayOrder,
  type StreamSid,
  type Wake,
} from '@onhook/contracts';
import type { NewCallEvent } from '@onhook/call';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { createMemoryAdmission, createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { describe, expect, it } from 'vitest';
import { createLookForLeg } from './look-for-leg.js';
import { createPerform } from './perform.js';
import { createEndStray } from './stray.js';
import { createTend } from './tend.js';
import { runWatchdog } from './watchdog.js';

const FROM = '+14155550199' as E164;
const TO = '+14155552671' as E164;
const GATEWAY = 'gw_01k00000000000000000000000' as GatewayId;
const STREAM = `MZ${'1'.repeat(32)}` as StreamSid;

function setUp() {
  const time = createVirtualTime();
  const chance = createSeededChance(1, time);
  const database = createMemoryDatabase(time);
  const { calls } = createMemoryStore({ database, chance });
  const admission = createMemoryAdmission({ database, fromNumbers: [FROM], maxConcurrent: 10 });
  const carrier = createFakeCarrier({ clock: time, timers: time });
  const orders: { gatewayId: GatewayId; order: GatewayOrder }[] = [];
  const wakes: Wake[] = [];
  const sender = { send: async (gatewayId: GatewayId, order: GatewayOrder) => void orders.push({ gatewayId, order }) };
  const perform = createPerform({ waker: async (more) => void wakes.push(...more), orders: sender, logger: silentLogger });
  const deps = { calls, carrier, orders: sender, admission, perform, clock: time, logger: silentLogger };
  const tend = createTend({ ...deps, lookForLeg: createLookForLeg({ carrier, calls, logger: silentLogger }) });

  async function dialed(): Promise<CallId> {
    const callId = newCallId('c', chance.uuidv7());
    await calls.create(
      {
        callId,
        account: 'default',
        to: TO,
        from: null,
        agentId: 'demo',
        variables: {},
        metadata: {},
        notBefore: null,
        policy: {
          ringTimeoutSec: 30,
          maxDurationSec: 600,
          transferLimitSec: 0,
          latestAt: null,
          voicemail: 'continue',
          redial: { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 60 },
        },
      },
      null,
    );
    await admission.ask({ account: 'default', callId, n: 1, to: TO, from: null, leaseMs: 700_000 });
    await calls.apply(callId, { type: 'dial-started', n: 1, from: FROM, source: 'dialer' });
    return callId;
  }
  /** A call in conversation, with its leg at the carrier. */
  async function bridged(): Promise<{ callId: CallId; sid: CarrierCallId }> {
    const callId = await dialed();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress' });
    await calls.apply(callId, { type: 'accepted', n: 1, sid, source: 'dialer' });
    await calls.apply(callId, { type: 'stream-started', n: 1, sid, streamSid: STREAM, gatewayId: GATEWAY, source: 'gateway' });
    return { callId, sid };
  }
  const endAsked: NewCallEvent = {
    type: 'end-asked',
    cause: 'agent-ended-call',
    by: 'agent',
    n: 1,
    goodbye: 'played',
    source: 'gateway',
  };
  const call = async (callId: CallId) => (await calls.load(callId))!.call;
  const sent = (type: string) => carrier.requests.filter((request) => request.type === type);
  return { time, database, calls, carrier, orders, wakes, perform, tend, dialed, bridged, endAsked, call, sent };
}

describe('tending a call whose end was asked', () => {
  it('completes it at the carrier, orders the gateway to close, and settles it in one go', async () => {
    const { calls, tend, bridged, endAsked, call, orders, carrier, database } = setUp();
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
    expect(database.inflight.size).toBe(0);
  });

  it('writes the close order although the carrier does not answer, and asks the carrier although the order cannot be written', async () => {
    const one = setUp();
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
    const { calls, tend, bridged, endAsked, call, carrier } = setUp();
    const { callId } = await bridged();
    await calls.apply(callId, endAsked);
    carrier.next.hangUp(() => answer);
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('ending');
  });

  it('is repeated by the watchdog until the carrier says that it is over', async () => {
    const { time, calls, tend, perform, bridged, endAsked, call, carrier, sent } = setUp();
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
    const { calls, tend, bridged, endAsked, call } = setUp();
    const { callId } = await bridged();
    await calls.apply(callId, endAsked);
    await Promise.all([tend(callId, 'hangup-worker'), tend(callId, 'hangup-worker'), tend(callId, 'watchdog')]);
    expect((await call(callId)).state).toBe('ended');
    const timeline = await calls.timeline(callId);
    expect(timeline.filter((entry) => entry.state === 'ended' && entry.verdict === 'moved')).toHaveLength(1);
  });

  it('does nothing for a call that lives', async () => {
    const { tend, bridged, call, sent, orders } = setUp();
    const { callId } = await bridged();
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('bridged');
    expect(sent('hang-up')).toHaveLength(0);
    expect(orders).toHaveLength(0);
  });
});

describe('looking for the leg of an unclear dial', () => {
  const unclear: NewCallEvent = { type: 'unclear', n: 1, reason: 'ECONNRESET', source: 'dialer' };

  it('binds the leg that the carrier lists', async () => {
    const { calls, tend, dialed, call, carrier } = setUp();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    const leg = carrier.addLeg({ to: TO, from: FROM, status: 'ringing' });
    await tend(callId, 'hangup-worker');
    expect(await call(callId)).toMatchObject({ state: 'ringing', attempts: [{ sid: leg.sid }] });
  });

  it('binds the oldest of several, and sends the others away', async () => {
    const { calls, tend, dialed, call, carrier, wakes, time } = setUp();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    const oldest = carrier.addLeg({ to: TO, from: FROM, status: 'ringing', createdAt: time.now() - 1_000 });
    const second = carrier.addLeg({ to: TO, from: FROM, status: 'queued', createdAt: time.now() + 1_000 });
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).attempts[0]?.sid).toBe(oldest.sid);
    expect(wakes).toContainEqual({ type: 'stray', sid: second.sid });
  });

  it("leaves legs alone that are a child, somebody else's, or of another time", async () => {
    const { calls, tend, dialed, call, carrier, time, bridged } = setUp();
    const { sid: ownedByAnother } = await bridged();
    carrier.setStatus(ownedByAnother, 'in-progress', { createdAt: time.now() });
    const callId = await dialed();
    await calls.apply(callId, unclear);
    carrier.addLeg({ to: TO, from: FROM, status: 'ringing', direction: 'outbound-dial', parentSid: ownedByAnother });
    carrier.addLeg({ to: TO, from: FROM, status: 'ringing', direction: 'inbound' });
    carrier.addLeg({ to: TO, from: FROM, status: 'completed', createdAt: time.now() - 60_000 });
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('unconfirmed');
  });

  it('believes in absence only after two complete looks 30 s apart, the later 160 s after the request', async () => {
    const { calls, tend, dialed, call, carrier, time } = setUp();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    await time.advance(100_000);
    await tend(callId, 'hangup-worker');
    await time.advance(59_000);
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('unconfirmed');
    await time.advance(2_000);
    carrier.next.list({ outcome: 'listed', calls: [], complete: false });
    await tend(callId, 'hangup-worker');
    carrier.next.list({ outcome: 'failed', reason: 'timeout' });
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).state).toBe('unconfirmed');
    await tend(callId, 'hangup-worker');
    expect(await call(callId)).toMatchObject({
      state: 'ended',
      attempts: [{ over: { cause: 'submission-lost', proven: false } }],
    });
  });

  it('keeps the place of a call whose end nobody proved', async () => {
    const { calls, tend, dialed, database, time } = setUp();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    await tend(callId, 'hangup-worker');
    await time.advance(161_000);
    await tend(callId, 'hangup-worker');
    expect(database.inflight.size).toBe(1);
  });
});

describe('the watchdog', () => {
  const running = (setting: ReturnType<typeof setUp>, calls: Parameters<typeof runWatchdog>[0]['calls'] = setting.calls) => {
    const stop = new AbortController();
    const { time, tend, perform } = setting;
    const done = runWatchdog(
      { calls, tend, perform, clock: time, timers: time, logger: silentLogger, everyMs: 250, leaseTtlMs: 6_000 },
      stop.signal,
    );
    return async () => (stop.abort(), await done);
  };
  const pass = async (setting: ReturnType<typeof setUp>, ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) await setting.time.advance(250);
  };

  it('ends the call of a gateway that stopped renewing its lease', async () => {
    const setting = setUp();
    const { callId } = await setting.bridged();
    const stop = running(setting);
    await pass(setting, 8_000);
    expect(await setting.call(callId)).toMatchObject({
      state: 'ended',
      attempts: [{ over: { cause: 'gateway-lost', endedBy: 'watchdog' } }],
    });
    await stop();
  });

  it('does not end live calls after a Redis outage in which nobody could renew', async () => {
    const setting = setUp();
    let isDown = false;
    const guard =
      <A extends unknown[], R>(ask: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (isDown) throw new Error('redis is away');
        return ask(...args);
      };
    const { calls } = setting;
    const stop = running(setting, {
      due: guard(calls.due),
      expiredLeases: guard(calls.expiredLeases),
      apply: guard(calls.apply),
    });
    const { callId } = await setting.bridged();
    await pass(setting, 4_000);
    await calls.renewLeases(GATEWAY, [{ callId, streamSid: STREAM }]);
    await pass(setting, 3_000);
    isDown = true;
    await pass(setting, 10_000);
    isDown = false;
    await pass(setting, 1_000);
    // The gateway is back within its next beat; the lease had run out long ago.
    await calls.renewLeases(GATEWAY, [{ callId, streamSid: STREAM }]);
    for (let i = 0; i < 4; i++) {
      await pass(setting, 2_000);
      await calls.renewLeases(GATEWAY, [{ callId, streamSid: STREAM }]);
    }
    expect((await setting.call(callId)).state).toBe('bridged');
    await stop();
  });

  it('goes on with the other calls when one makes trouble', async () => {
    const setting = setUp();
    const [bad, good] = [await setting.bridged(), await setting.bridged()];
    await setting.calls.apply(bad.callId, setting.endAsked);
    await setting.calls.apply(good.callId, setting.endAsked);
    const { calls } = setting;
    const stop = running(setting, {
      due: calls.due,
      expiredLeases: calls.expiredLeases,
      apply: async (callId, event) => {
        if (callId === bad.callId) throw new Error('this one is broken');
        return calls.apply(callId, event);
      },
    });
    await pass(setting, 3_000);
    expect((await setting.call(good.callId)).state).toBe('ended');
    await stop();
  });

  it('is not blinded by a carrier that takes its time: the next call is tended meanwhile', async () => {
    const setting = setUp();
    const [slow, quick] = [await setting.bridged(), await setting.bridged()];
    await setting.calls.apply(slow.callId, setting.endAsked);
    const stop = running({
      ...setting,
      tend: async (callId, layer) => (callId === slow.callId ? setting.time.sleep(60_000) : setting.tend(callId, layer)),
    });
    await pass(setting, 3_000);
    await setting.calls.apply(quick.callId, setting.endAsked);
    await pass(setting, 3_000);
    expect((await setting.call(quick.callId)).state).toBe('ended');
    const stopped = stop();
    await setting.time.advance(60_000);
    await stopped;
  });

  it('does not let a hundred entries without a record keep the others waiting', async () => {
    const setting = setUp();
    const { callId } = await setting.bridged();
    await setting.calls.apply(callId, setting.endAsked);
    for (let i = 0; i < 150; i++)
      setting.database.due.set(newCallId('d', `01890000-0000-7000-8000-${String(i).padStart(12, '0')}`), 1);
    const stop = running(setting);
    await pass(setting, 6_000);
    expect((await setting.call(callId)).state).toBe('ended');
    await stop();
  });

  it("does not take another call's finished leg for the one that it looks for", async () => {
    const setting = setUp();
    const first = await setting.bridged();
    setting.carrier.setStatus(first.sid, 'busy', { createdAt: setting.time.now() });
    await setting.calls.apply(first.callId, {
      type: 'carrier',
      n: 1,
      sid: first.sid,
      status: 'busy',
      via: 'callback',
      source: 'callback',
    });
    await setting.tend(first.callId, 'hangup-worker');
    expect((await setting.call(first.callId)).state).toBe('ended');
    const second = await setting.dialed();
    await setting.calls.apply(second, { type: 'unclear', n: 1, reason: 'ECONNRESET', source: 'dialer' });
    await setting.tend(second, 'hangup-worker');
    expect(await setting.call(second)).toMatchObject({ state: 'unconfirmed', attempts: [{ sid: null }] });
  });
});

describe('a stray leg', () => {
  it('is hung up, and looked at until it is over', async () => {
    const { carrier, time } = setUp();
    const leg = carrier.addLeg({ status: 'in-progress' });
    carrier.next.hangUp({ outcome: 'failed', reason: 'timeout' });
    const ended = createEndStray({ carrier, timers: time, logger: silentLogger })(leg.sid);
    await time.advance(20_000);
    await ended;
    expect(carrier.legs[0]?.status).toBe('completed');
  });

  it('that is over already is not touched', async () => {
    const { carrier, time } = setUp();
    const leg = carrier.addLeg({ status: 'completed' });
    const ended = createEndStray({ carrier, timers: time, logger: silentLogger })(leg.sid);
    await time.advance(100);
    await ended;
    expect(carrier.requests.map((request) => request.type)).toEqual(['fetch']);
  });
});
