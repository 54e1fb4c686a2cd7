import { createFakeCarrier } from '@onhook/carrier/fake';
import { newCallId, type CallId, type E164, type Wake } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { createMemoryDatabase, createMemoryStore } from '@onhook/store/memory';
import { describe, expect, it } from 'vitest';
import { createLookBeforeDial } from './look-before-dial.js';
import { createTellRecord } from './tell-record.js';

const FROM = '+14155550199' as E164;
const TO = '+14155552671' as E164;

async function setUp({ isAccountOursAlone = true } = {}) {
  const time = createVirtualTime();
  const chance = createSeededChance(1, time);
  const database = createMemoryDatabase(time);
  const { calls, lives } = createMemoryStore({ database, chance });
  const carrier = createFakeCarrier({ clock: time, timers: time });
  const wakes: Wake[] = [];
  // It has run for long; `restart` ends that.
  await time.advance(10 * 60_000);
  const waker = async (more: readonly Wake[]) => void wakes.push(...more);
  const look = createLookBeforeDial({
    lives,
    carrier,
    calls,
    tellRecord: createTellRecord({ calls, waker, clock: time, timers: time, logger: silentLogger, withinMs: 1_000 }),
    waker,
    logger: silentLogger,
    fromNumbers: [FROM],
    isAccountOursAlone,
  });

  async function queued(to = TO): Promise<CallId> {
    const callId = newCallId('c', chance.uuidv7());
    const redial = { maxAttempts: 1, on: [], delaySec: 60, backoff: 'fixed', maxDelaySec: 60 } as const;
    const policy = {
      ringTimeoutSec: 30,
      maxDurationSec: 600,
      transferLimitSec: 0,
      latestAt: null,
      voicemail: 'continue',
      redial,
    } as const;
    await calls.create(
      { callId, account: 'default', to, from: null, agentId: 'demo', variables: {}, metadata: {}, notBefore: null, policy },
      null,
    );
    return callId;
  }
  const call = async (callId: CallId) => (await calls.load(callId))!.call;
  const lookFor = async (callId: CallId) => look(await call(callId));
  /** What a restart does: another life, from now on. */
  const restart = async () => {
    await time.advance(1);
    database.life = { id: 'life-2', beganAt: time.now() };
  };
  const lists = () => carrier.requests.filter(({ type }) => type === 'list');
  return { time, database, calls, carrier, wakes, queued, call, lookFor, restart, lists };
}

describe('before a dial', () => {
  it('nobody asks the carrier while Redis is the one that has seen the call created', async () => {
    const { queued, lookFor, lists } = await setUp();
    expect(await lookFor(await queued())).toEqual({ verdict: 'clear' });
    expect(lists()).toEqual([]);
  });

  it('a call that is newer than a restart is looked for too, by a process that had not met that Redis before', async () => {
    const { queued, lookFor, restart, time, carrier, call } = await setUp();
    await time.advance(5_000);
    // Of a call to the same number whose whole record went with the last second, fence and all.
    const leg = carrier.addLeg({ to: TO, from: FROM, status: 'ringing' });
    await restart();
    const callId = await queued();
    expect(await lookFor(callId)).toEqual({ verdict: 'dialed' });
    expect(await call(callId)).toMatchObject({ state: 'ringing', dials: 1, attempts: [{ sid: leg.sid }] });
  });

  it('a call that is older than a restart waits for requests that may be under way, then the carrier is asked', async () => {
    const { queued, lookFor, restart, time, lists } = await setUp();
    const callId = await queued();
    await lookFor(callId);
    await time.advance(5_000);
    await restart();
    const restartedAt = time.now();
    expect(await lookFor(callId)).toEqual({ verdict: 'held', until: restartedAt + 20_000, reason: 'store-restarted' });
    await time.advance(20_000);
    expect(await lookFor(callId)).toEqual({ verdict: 'clear' });
    expect(lists()).toHaveLength(1);
  });

  it('a dial that Redis has lost is found and becomes the attempt, and nothing is dialed', async () => {
    const { queued, lookFor, restart, time, carrier, call } = await setUp();
    const callId = await queued();
    await lookFor(callId);
    await time.advance(5_000);
    const leg = carrier.addLeg({ to: TO, from: FROM, status: 'ringing' });
    await restart();
    await time.advance(20_000);
    expect(await lookFor(callId)).toEqual({ verdict: 'dialed' });
    expect(await call(callId)).toMatchObject({ state: 'ringing', dials: 1, attempts: [{ n: 1, sid: leg.sid, from: FROM }] });
  });

  it('one that is over by now is found too, and ends the attempt with the word of the carrier', async () => {
    const { queued, lookFor, restart, time, carrier, call } = await setUp();
    const callId = await queued();
    carrier.addLeg({ to: TO, from: FROM, status: 'busy' });
    await restart();
    await time.advance(20_000);
    expect(await lookFor(callId)).toEqual({ verdict: 'dialed' });
    expect(await call(callId)).toMatchObject({ state: 'settling', attempts: [{ over: { disposition: 'busy', proven: true } }] });
  });

  it('the second of two lost dials is hung up as a stray', async () => {
    const { queued, lookFor, restart, time, carrier, wakes } = await setUp();
    const callId = await queued();
    carrier.addLeg({ to: TO, from: FROM, status: 'in-progress', createdAt: time.now() });
    const second = carrier.addLeg({ to: TO, from: FROM, status: 'ringing', createdAt: time.now() + 1_000 });
    await restart();
    await time.advance(20_000);
    await lookFor(callId);
    expect(wakes).toContainEqual({ type: 'stray', sid: second.sid });
  });

  it.each(['in-progress', 'completed'] as const)(
    'on an account that others use too, a leg (%s) that no record knows is left alone, and holds the dial back',
    async (status) => {
      const { queued, lookFor, restart, time, carrier, call, wakes } = await setUp({ isAccountOursAlone: false });
      const callId = await queued();
      await lookFor(callId);
      await time.advance(5_000);
      carrier.addLeg({ to: TO, from: FROM, status, createdAt: time.now() });
      carrier.addLeg({ to: TO, from: FROM, status, createdAt: time.now() + 1_000 });
      await restart();
      await time.advance(20_000);
      expect(await lookFor(callId)).toEqual({ verdict: 'held', until: time.now() + 15_000, reason: 'store-restarted' });
      expect(await call(callId)).toMatchObject({ state: 'queued', dials: 0, attempts: [] });
      expect(wakes.filter(({ type }) => type === 'stray')).toEqual([]);
      await time.advance(55 * 60_000);
      expect(await lookFor(callId)).toEqual({ verdict: 'clear' });
    },
  );

  it('a call that was asked for again because its first record was lost waits while that one may ring', async () => {
    const { queued, lookFor, restart, time, carrier, call, wakes } = await setUp();
    await lookFor(await queued('+14155552699' as E164));
    await time.advance(30_000);
    carrier.addLeg({ to: TO, from: FROM, status: 'ringing', createdAt: time.now() });
    await restart();
    await time.advance(10_000);
    const callId = await queued();
    expect(await lookFor(callId)).toEqual({ verdict: 'held', until: time.now() + 15_000, reason: 'store-restarted' });
    expect(await call(callId)).toMatchObject({ state: 'queued', attempts: [] });
    expect(wakes.filter(({ type }) => type === 'stray')).toEqual([]);
    await time.advance(91_000);
    expect(await lookFor(callId)).toEqual({ verdict: 'clear' });
  });

  it("legs of another call, of another direction or of somebody else's number are not taken for it", async () => {
    const { queued, lookFor, restart, time, carrier, calls } = await setUp();
    const other = await queued();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'completed' });
    await calls.apply(other, { type: 'dial-started', n: 1, from: FROM, source: 'dialer' });
    await calls.apply(other, { type: 'accepted', n: 1, sid, source: 'dialer' });
    const callId = await queued();
    carrier.addLeg({ to: TO, from: FROM, status: 'ringing', direction: 'inbound' });
    carrier.addLeg({ to: TO, from: '+14155550188', status: 'ringing' });
    carrier.addLeg({ to: '+14155552672', from: FROM, status: 'ringing' });
    await restart();
    await time.advance(20_000);
    expect(await lookFor(callId)).toEqual({ verdict: 'clear' });
  });

  it.each([
    ['cannot be read', { outcome: 'failed', reason: 'timeout' }],
    ['was not read to its end', { outcome: 'listed', calls: [], complete: false }],
  ] as const)('a list that %s dials nothing', async (_, answer) => {
    const { queued, lookFor, restart, time, carrier } = await setUp();
    const callId = await queued();
    await restart();
    await time.advance(20_000);
    carrier.next.list(answer);
    expect(await lookFor(callId)).toEqual({ verdict: 'held', until: time.now() + 5_000, reason: 'carrier-list-away' });
  });

  it('a live leg of another call holds the dial back: its record has found it again, its fence may still be lost', async () => {
    const { queued, lookFor, restart, time, carrier, calls } = await setUp();
    const [first, second] = [await queued(), await queued()];
    await restart();
    const { sid } = carrier.addLeg({ to: TO, from: FROM, status: 'ringing' });
    await calls.apply(first, { type: 'carrier', source: 'callback', via: 'callback', n: 1, sid, status: 'ringing', from: FROM });
    await time.advance(25_000);
    expect(await lookFor(second)).toMatchObject({ verdict: 'held', reason: 'store-restarted' });
    carrier.setStatus(sid, 'completed');
    expect(await lookFor(second)).toEqual({ verdict: 'clear' });
  });

  it('every dial is preceded by a look for a minute and a half after a change, also of calls that are newer', async () => {
    const { queued, lookFor, restart, time, lists } = await setUp();
    await lookFor(await queued());
    await time.advance(5_000);
    await restart();
    await lookFor(await queued());
    await time.advance(89_000);
    await lookFor(await queued());
    expect(lists()).toHaveLength(2);
    await time.advance(2_000);
    await lookFor(await queued());
    expect(lists()).toHaveLength(2);
  });
});
