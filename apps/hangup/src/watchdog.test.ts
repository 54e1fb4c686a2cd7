import { newCallId } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { createHangupWorld, GATEWAY, STREAM, type HangupWorld } from './testing/hangup-world.js';
import { runWatchdog } from './watchdog.js';

describe('the watchdog', () => {
  const running = (setting: HangupWorld, calls: Parameters<typeof runWatchdog>[0]['calls'] = setting.calls) => {
    const stop = new AbortController();
    const { time, tend, perform } = setting;
    const done = runWatchdog(
      { calls, tend, perform, clock: time, timers: time, logger: silentLogger, everyMs: 250, leaseTtlMs: 6_000 },
      stop.signal,
    );
    return async () => (stop.abort(), await done);
  };
  const pass = async (setting: HangupWorld, ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) await setting.time.advance(250);
  };

  it('ends the call of a gateway that stopped renewing its lease', async () => {
    const setting = createHangupWorld();
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
    const setting = createHangupWorld();
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

  it('leaves the record of a newer release alone, without a word of its own, and goes on with the others', async () => {
    const setting = createHangupWorld();
    const [newer, known] = [await setting.bridged(), await setting.bridged()];
    await setting.calls.apply(known.callId, setting.endAsked);
    const record = setting.database.records.get(newer.callId)!;
    record.json = JSON.stringify({ ...JSON.parse(record.json), schema: 2 });
    const before = JSON.stringify(record);
    const stop = running(setting);
    await pass(setting, 8_000);
    expect((await setting.call(known.callId)).state).toBe('ended');
    expect(JSON.stringify(record)).toBe(before);
    expect(setting.carrier.legs.find(({ sid }) => sid === newer.sid)?.status).toBe('in-progress');
    await stop();
  });

  it('goes on with the other calls when one makes trouble', async () => {
    const setting = createHangupWorld();
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
    const setting = createHangupWorld();
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

  it('ends all 200 calls of a gateway that froze within 3 s of their leases, though each of them takes half a second', async () => {
    const setting = createHangupWorld();
    const callIds = [];
    for (let i = 0; i < 200; i++) callIds.push((await setting.bridged()).callId);
    const tend: typeof setting.tend = async (callId, layer) => {
      await setting.time.sleep(500);
      return setting.tend(callId, layer);
    };
    const stop = running({ ...setting, tend });
    // The leases run out, and a watchdog that has just begun looks for as long before it judges them.
    await pass(setting, 6_000 + 3_000);
    const states = await Promise.all(callIds.map(async (callId) => (await setting.call(callId)).state));
    expect(states.filter((state) => state === 'ended')).toHaveLength(200);
    await stop();
  });

  it('does not let a hundred entries without a record keep the others waiting', async () => {
    const setting = createHangupWorld();
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
    const setting = createHangupWorld();
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
