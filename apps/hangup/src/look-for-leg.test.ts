import type { NewCallEvent } from '@onhook/call';
import { describe, expect, it } from 'vitest';
import { createHangupWorld, FROM, TO } from './testing/hangup-world.js';

describe('looking for the leg of an unclear dial', () => {
  const unclear: NewCallEvent = { type: 'unclear', n: 1, reason: 'ECONNRESET', source: 'dialer' };

  it('binds the leg that the carrier lists', async () => {
    const { calls, tend, dialed, call, carrier } = createHangupWorld();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    const leg = carrier.addLeg({ to: TO, from: FROM, status: 'ringing' });
    await tend(callId, 'hangup-worker');
    expect(await call(callId)).toMatchObject({ state: 'ringing', attempts: [{ sid: leg.sid }] });
  });

  it('binds the oldest of several, and sends the others away', async () => {
    const { calls, tend, dialed, call, carrier, wakes, time } = createHangupWorld();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    const oldest = carrier.addLeg({ to: TO, from: FROM, status: 'ringing', createdAt: time.now() - 1_000 });
    const second = carrier.addLeg({ to: TO, from: FROM, status: 'queued', createdAt: time.now() + 1_000 });
    await tend(callId, 'hangup-worker');
    expect((await call(callId)).attempts[0]?.sid).toBe(oldest.sid);
    expect(wakes).toContainEqual({ type: 'stray', sid: second.sid });
  });

  it("leaves legs alone that are a child, somebody else's, or of another time", async () => {
    const { calls, tend, dialed, call, carrier, time, bridged } = createHangupWorld();
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
    const { calls, tend, dialed, call, carrier, time } = createHangupWorld();
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
    const { calls, tend, dialed, admission, time } = createHangupWorld();
    const callId = await dialed();
    await calls.apply(callId, unclear);
    await tend(callId, 'hangup-worker');
    await time.advance(161_000);
    await tend(callId, 'hangup-worker');
    expect(await admission.places('default')).toHaveLength(1);
  });
});
