import type { Carrier } from '@onhook/carrier';
import { silentLogger } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { createReconcileLegs } from './reconcile-legs.js';
import { createEndStray } from './stray.js';
import { createHangupWorld, FROM, TO } from './testing/hangup-world.js';

function setUp({
  isAccountOursAlone = true,
  findBySid,
}: { isAccountOursAlone?: boolean; findBySid?: () => Promise<never> } = {}) {
  const world = createHangupWorld();
  const { carrier, calls, time } = world;
  const reports: unknown[] = [];
  const logger = { ...silentLogger, error: (facts: unknown) => void reports.push(facts) } as typeof silentLogger;
  const look = createReconcileLegs({
    carrier: carrier as Carrier,
    calls: findBySid ? { ...calls, findBySid } : calls,
    endStray: createEndStray({ carrier, timers: time, logger: silentLogger }),
    clock: time,
    logger,
    fromNumbers: [FROM],
    isAccountOursAlone,
  });
  /** As the process does: a look every 15 s. */
  async function looks(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const done = look();
      await time.advance(2_000);
      await done;
      await time.advance(13_000);
    }
  }
  const statusOf = (sid: string) => carrier.legs.find((leg) => leg.sid === sid)?.status;
  return { ...world, look, looks, statusOf, reports };
}

describe('a leg that no record has', () => {
  it('is hung up once it is older than 30 s and was unknown in two looks 10 s apart', async () => {
    const { carrier, looks, statusOf } = setUp();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress' });
    await looks(2);
    expect(statusOf(sid)).toBe('in-progress');
    await looks(2);
    expect(statusOf(sid)).toBe('completed');
  });

  it('is not condemned by one look, however old it is', async () => {
    const { carrier, look, looks, statusOf, time } = setUp();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress', createdAt: time.now() - 3_600_000 });
    await look();
    await time.advance(9_000);
    await look();
    expect(statusOf(sid)).toBe('in-progress');
    await looks(2);
    expect(statusOf(sid)).toBe('completed');
  });

  it('is spared if a newer release wrote its record, or one that may have it', async () => {
    const { bridged, dialed, database, carrier, looks, statusOf } = setUp();
    const bound = await bridged();
    const unbound = await dialed();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress' });
    for (const callId of [bound.callId, unbound]) {
      const record = database.records.get(callId)!;
      record.json = JSON.stringify({ ...JSON.parse(record.json), schema: 2 });
    }
    await expect(looks(4)).rejects.toMatchObject({ code: 'newer-schema' });
    expect([statusOf(bound.sid), statusOf(sid)]).toEqual(['in-progress', 'in-progress']);
  });

  it('is spared if a record has it by the second look', async () => {
    const { carrier, calls, dialed, look, looks, statusOf, time } = setUp();
    const callId = await dialed();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress', createdAt: time.now() - 60_000 });
    await look();
    await calls.apply(callId, { type: 'accepted', n: 1, sid, source: 'dialer' });
    await time.advance(15_000);
    await looks(3);
    expect(statusOf(sid)).toBe('in-progress');
  });

  it('is spared while it may be what came of an unclear dial', async () => {
    const { carrier, calls, dialed, looks, statusOf } = setUp();
    const callId = await dialed();
    await calls.apply(callId, { type: 'unclear', n: 1, reason: 'ECONNRESET', source: 'dialer' });
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress' });
    await looks(5);
    expect(statusOf(sid)).toBe('in-progress');
  });

  it('is only reported, once, on an account that others use too', async () => {
    const { carrier, looks, statusOf, reports } = setUp({ isAccountOursAlone: false });
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress' });
    await looks(6);
    expect(statusOf(sid)).toBe('in-progress');
    expect(reports).toEqual([{ carrierCallId: sid, status: 'in-progress' }]);
  });

  it.each([
    ['an inbound call', { direction: 'inbound' }],
    ['somebody to whom a call was transferred', { direction: 'outbound-dial' }],
    ['a child of another leg', { parentSid: `CA${'9'.repeat(32)}` as never }],
    ["somebody else's number", { from: '+14155550188' }],
  ])('is left alone if it is %s', async (_, facts) => {
    const { carrier, looks, statusOf } = setUp();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress', ...facts });
    await looks(5);
    expect(statusOf(sid)).toBe('in-progress');
  });

  it('is not judged while Redis cannot say whether a record has it', async () => {
    const { carrier, look, statusOf, time } = setUp({ findBySid: async () => Promise.reject(new Error('redis is away')) });
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'in-progress', createdAt: time.now() - 60_000 });
    for (let i = 0; i < 4; i++) {
      await expect(look()).rejects.toThrow('redis is away');
      await time.advance(15_000);
    }
    expect(statusOf(sid)).toBe('in-progress');
  });
});

describe('a leg whose record says that it is over', () => {
  it('is hung up if nothing but our own doubt has ended the attempt', async () => {
    const { calls, bridged, looks, statusOf, time } = setUp();
    const { callId, sid } = await bridged();
    await calls.apply(callId, { type: 'end-asked', cause: 'agent-ended-call', by: 'agent', n: 1, source: 'gateway' });
    for (let rounds = 0; rounds < 250; rounds++) {
      const { call } = (await calls.load(callId))!;
      if (call.state !== 'ending') break;
      await time.advance(Math.max(1, call.deadline - time.now()));
      await calls.apply(callId, { type: 'deadline-passed', deadline: call.deadline, source: 'watchdog' });
    }
    expect((await calls.load(callId))?.call.attempts[0]?.over).toMatchObject({ proven: false });
    await looks(3);
    expect(statusOf(sid)).toBe('completed');
  });

  it("is left alone if the carrier's own word ended it: then the list lags", async () => {
    const { carrier, calls, bridged, looks, statusOf } = setUp();
    const { callId, sid } = await bridged();
    await calls.apply(callId, { type: 'carrier', n: 1, sid, status: 'completed', via: 'callback', source: 'callback' });
    await looks(4);
    expect(statusOf(sid)).toBe('in-progress');
    expect(carrier.requests.filter(({ type }) => type === 'hang-up')).toEqual([]);
  });
});
