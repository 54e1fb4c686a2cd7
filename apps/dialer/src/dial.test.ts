import { createFakeCarrier } from '@onhook/carrier/fake';
import { isStreamToken } from '@onhook/carrier';
import { newCallId, type CallId, type CarrierCallId, type E164, type GatewayId, type Wake } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { StoreUnavailable, type AccountLimits, type Admission, type Admitted, type Calls } from '@onhook/store';
import {
  createMemoryAdmission,
  createMemoryAdmissionControl,
  createMemoryDatabase,
  createMemoryStore,
} from '@onhook/store/memory';
import { describe, expect, it } from 'vitest';
import { createAdmit } from './admit.js';
import { classifyNumber } from './classify-number.js';
import { createDial, type DialDeps } from './dial.js';
import { createReadiness } from './readiness.js';
import { createTellRecord } from './tell-record.js';

const FROM = '+14155550199' as E164;
const GRANTED: Admitted = { verdict: 'granted', from: FROM, inMs: 0, turnUs: 0 };
const SECRET = 'a-secret-of-some-length';

async function setUp({
  hangupWorkers = 1,
  seats = 10,
  maxConcurrent = 10,
  admission: given,
  limits = {},
  looked = { verdict: 'clear' },
}: {
  hangupWorkers?: number;
  seats?: number;
  maxConcurrent?: number;
  admission?: Pick<Admission, 'ask' | 'release'>;
  limits?: Partial<AccountLimits>;
  looked?: Awaited<ReturnType<DialDeps['lookBeforeDial']>>;
} = {}) {
  const time = createVirtualTime();
  const chance = createSeededChance(1, time);
  const database = createMemoryDatabase(time);
  const { calls, directory, beats } = createMemoryStore({ database, chance });
  const carrier = createFakeCarrier({ clock: time, timers: time });
  const wakes: Wake[] = [];
  if (hangupWorkers > 0) await beats.beat('hangup', 'worker-1', 3_600_000);
  if (seats > 0) {
    await directory.beat(
      { gatewayId: 'gw_1' as GatewayId, mediaUrl: 'wss://busy.example/media', live: 9, seats: 10, draining: false },
      3_600_000,
    );
    await directory.beat(
      { gatewayId: 'gw_2' as GatewayId, mediaUrl: 'wss://empty.example/media', live: 0, seats, draining: false },
      3_600_000,
    );
    await directory.beat(
      { gatewayId: 'gw_3' as GatewayId, mediaUrl: 'wss://leaving.example/media', live: 0, seats, draining: true },
      3_600_000,
    );
  }
  const tellRecord = (store: Pick<Calls, 'apply'>) =>
    createTellRecord({
      calls: store,
      waker: async (more) => void wakes.push(...more),
      clock: time,
      timers: time,
      logger: silentLogger,
      withinMs: 15_000,
    });
  const admission = createMemoryAdmission({ database, fromNumbers: [FROM], limits: { maxConcurrent, ...limits } });
  const admitBy = (asked: Pick<Admission, 'ask'>) =>
    createAdmit({ admission: asked, classify: classifyNumber, clock: time, timers: time });
  const dials: DialDeps = {
    calls,
    admit: admitBy(given ?? admission),
    places: given ?? admission,
    carrier,
    readiness: createReadiness({ directory, beats, clock: time }),
    lookBeforeDial: async () => looked,
    tellRecord: tellRecord(calls),
    chance,
    clock: time,
    logger: silentLogger,
    publicUrl: 'https://onhook.example',
    streamTokenSecret: SECRET,
  };
  const dialer = () => createDial(dials);

  let callees = 0;
  async function enqueue(to = `+1415555${String(2_000 + callees++)}` as E164): Promise<CallId> {
    const callId = newCallId('c', chance.uuidv7());
    await calls.create(
      {
        callId,
        account: 'default',
        to,
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
    return callId;
  }
  const stateOf = async (callId: CallId) => (await calls.load(callId))!.call;
  const placed = () => carrier.requests.filter((request) => request.type === 'place');
  return {
    time,
    chance,
    database,
    admission,
    calls,
    carrier,
    wakes,
    enqueue,
    tellRecord,
    dials,
    dial: dialer(),
    dialer,
    stateOf,
    placed,
  };
}

describe('the look before a dial', () => {
  it('that finds doubt holds the call, gives its place back and dials nothing', async () => {
    const { enqueue, dial, stateOf, placed, admission } = await setUp({
      looked: { verdict: 'held', until: 20_000, reason: 'store-restarted' },
    });
    const callId = await enqueue();
    await dial({ callId });
    expect(await stateOf(callId)).toMatchObject({ state: 'scheduled', waitReason: 'store-restarted' });
    expect(placed()).toEqual([]);
    expect(await admission.places('default')).toEqual([]);
  });

  it('that finds the leg leaves it to the record, and its place with it', async () => {
    const { enqueue, dial, placed, admission } = await setUp({ looked: { verdict: 'dialed' } });
    await dial({ callId: await enqueue() });
    expect(placed()).toEqual([]);
    expect(await admission.places('default')).toHaveLength(1);
  });
});

describe('one dial job', () => {
  it('places the call and binds its SID', async () => {
    const { enqueue, dial, stateOf, placed, carrier } = await setUp();
    const callId = await enqueue();
    await dial({ callId });
    const call = await stateOf(callId);
    expect(call.state).toBe('placed');
    expect(call.attempts[0]?.sid).toBe(carrier.legs[0]?.sid);
    expect(placed()).toHaveLength(1);
  });

  it('tells the carrier where to report, how long the call may last, and a token that only this attempt has', async () => {
    const { enqueue, dial, placed } = await setUp();
    const callId = await enqueue();
    await dial({ callId });
    const { request } = placed()[0]!;
    expect(request).toMatchObject({
      attempt: 1,
      from: FROM,
      ringTimeoutSec: 30,
      timeLimitSec: 630,
      statusCallbackUrl: `https://onhook.example/carrier/twilio/status/${callId}/1`,
    });
    expect(isStreamToken(SECRET, callId, 1, request.streamToken)).toBe(true);
    expect(isStreamToken(SECRET, callId, 2, request.streamToken)).toBe(false);
  });

  it('sends the media to the gateway with the most room that is not draining', async () => {
    const { enqueue, dial, placed } = await setUp();
    await dial({ callId: await enqueue() });
    expect(placed()[0]?.request.streamUrl).toBe('wss://empty.example/media');
  });

  it('never places a second call when it is repeated', async () => {
    const { enqueue, dial, placed } = await setUp();
    const callId = await enqueue();
    await dial({ callId });
    await dial({ callId });
    expect(placed()).toHaveLength(1);
  });

  it('never places a second call when two workers run it at once', async () => {
    const { enqueue, dialer, placed } = await setUp();
    const callId = await enqueue();
    await Promise.all([dialer()({ callId }), dialer()({ callId }), dialer()({ callId })]);
    expect(placed()).toHaveLength(1);
  });

  it('does not place a call that was canceled between admission and dial', async () => {
    const canceledMeanwhile: { callId?: CallId; calls?: Awaited<ReturnType<typeof setUp>>['calls'] } = {};
    const setting = await setUp({
      admission: {
        async ask() {
          await canceledMeanwhile.calls!.apply(canceledMeanwhile.callId!, {
            type: 'end-asked',
            cause: 'canceled',
            by: 'operator',
            source: 'api',
          });
          return GRANTED;
        },
        release: async () => {},
      },
    });
    canceledMeanwhile.calls = setting.calls;
    canceledMeanwhile.callId = await setting.enqueue();
    await setting.dial({ callId: canceledMeanwhile.callId });
    expect(setting.placed()).toHaveLength(0);
  });

  it('does not use a grant that is older than 3 s: a dialer that froze after its commit sends nothing', async () => {
    const setting = await setUp();
    const callId = await setting.enqueue();
    const frozen = createDial({
      calls: {
        load: (id) => setting.calls.load(id),
        async apply(id, event) {
          const applied = await setting.calls.apply(id, event);
          if (event.type === 'dial-started') await setting.time.advance(3_001);
          return applied;
        },
      },
      admit: async () => ({ admitted: GRANTED, askedAt: setting.time.monotonicMs() }),
      places: { release: async () => {} },
      carrier: setting.carrier,
      readiness: async () => ({ ok: true, takeSeat: () => 'wss://x.example/media' }),
      lookBeforeDial: async () => ({ verdict: 'clear' }),
      tellRecord: setting.tellRecord(setting.calls),
      chance: setting.chance,
      clock: setting.time,
      logger: silentLogger,
      publicUrl: 'https://onhook.example',
      streamTokenSecret: SECRET,
    });
    await frozen({ callId });
    expect(setting.placed()).toHaveLength(0);
    expect((await setting.stateOf(callId)).state).toBe('queued');
    expect(setting.wakes.at(-1)).toMatchObject({ type: 'wake-dialer', callId });
  });

  it('waits, and holds the queue, while no hangup worker lives: what cannot be ended is not begun', async () => {
    const { enqueue, dial, placed, stateOf } = await setUp({ hangupWorkers: 0 });
    const callId = await enqueue();
    expect(await dial({ callId })).toEqual({ holdQueueMs: 1_000 });
    expect(placed()).toHaveLength(0);
    expect((await stateOf(callId)).state).toBe('queued');
  });

  it('waits while no gateway has a free seat', async () => {
    const { enqueue, dial, placed } = await setUp({ seats: 0 });
    expect(await dial({ callId: await enqueue() })).toEqual({ holdQueueMs: 1_000 });
    expect(placed()).toHaveLength(0);
  });

  it('holds the queue while the account has no room', async () => {
    const { enqueue, dial, placed } = await setUp({ maxConcurrent: 1 });
    const [first, second] = [await enqueue(), await enqueue()];
    await dial({ callId: first });
    const answer = await dial({ callId: second });
    expect(answer && answer.holdQueueMs).toBeGreaterThan(0);
    expect(placed()).toHaveLength(1);
  });

  it('dials again only after the carrier provably did nothing', async () => {
    const { enqueue, dial, placed, carrier, stateOf, wakes } = await setUp();
    const callId = await enqueue();
    carrier.next.place({ outcome: 'not-sent', retryInMs: 500, reason: 'rate-limited' });
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('queued');
    expect(wakes.at(-1)).toMatchObject({ type: 'wake-dialer', callId });
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('placed');
    expect(placed().filter((one) => one.outcome.outcome === 'accepted')).toHaveLength(1);
  });

  it('never dials again after an unclear answer', async () => {
    const { enqueue, dial, placed, carrier, stateOf } = await setUp();
    const callId = await enqueue();
    carrier.next.place(carrier.lostAnswer);
    await dial({ callId });
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('unconfirmed');
    expect(placed()).toHaveLength(1);
  });

  it("ends the call with the carrier's code when it is refused", async () => {
    const { enqueue, dial, carrier, stateOf } = await setUp();
    const callId = await enqueue();
    carrier.next.place({ outcome: 'refused', code: 21211, retryable: false });
    await dial({ callId });
    const call = await stateOf(callId);
    expect(call.state).toBe('settling');
    expect(call.attempts[0]?.over).toMatchObject({ disposition: 'failed', code: 21211, proven: true });
  });

  it('holds the queue when our credentials are refused, and keeps the call', async () => {
    const { enqueue, dial, carrier, stateOf } = await setUp();
    const callId = await enqueue();
    carrier.next.place({ outcome: 'misconfigured', code: 20003, reason: 'Authenticate' });
    expect(await dial({ callId })).toEqual({ holdQueueMs: 30_000 });
    expect((await stateOf(callId)).state).toBe('queued');
  });

  it('accepts that a callback was faster than the answer to the request', async () => {
    const { enqueue, dial, carrier, calls, stateOf } = await setUp();
    const callId = await enqueue();
    const sid = `CA${'7'.repeat(32)}` as CarrierCallId;
    carrier.next.place(() => ({ outcome: 'accepted', sid }));
    const slow = carrier.placeCall.bind(carrier);
    carrier.placeCall = async (request, expired) => {
      const outcome = await slow(request, expired);
      await calls.apply(callId, { type: 'carrier', n: 1, sid, status: 'ringing', via: 'callback', source: 'callback' });
      return outcome;
    };
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('ringing');
  });

  it('gives its place back when the call ended before the dial, or was provably not sent', async () => {
    const setting = await setUp();
    const callId = await setting.enqueue();
    const canceling = createDial({
      ...setting.dials,
      async admit(call, n) {
        const answer = await setting.dials.admit(call, n);
        await setting.calls.apply(callId, { type: 'end-asked', cause: 'canceled', by: 'operator', source: 'api' });
        return answer;
      },
    });
    await canceling({ callId });
    expect(await setting.admission.places('default')).toEqual([]);
    setting.carrier.next.place({ outcome: 'not-sent', retryInMs: 500, reason: 'rate-limited' });
    await setting.dial({ callId: await setting.enqueue() });
    expect(await setting.admission.places('default')).toEqual([]);
  });

  it('dials nothing when Redis does not say that the dial is on the record, and dials later', async () => {
    const setting = await setUp();
    const callId = await setting.enqueue();
    let failures = 3;
    const calls: Pick<Calls, 'load' | 'apply'> = {
      load: (id) => setting.calls.load(id),
      async apply(id, event) {
        // The commit stands, its answer is lost; then Redis stays away for a moment.
        if (event.type === 'dial-started') await setting.calls.apply(id, event);
        if (failures-- > 0) throw new StoreUnavailable('the answer was lost');
        return setting.calls.apply(id, event);
      },
    };
    const done = createDial({ ...setting.dials, calls, tellRecord: setting.tellRecord(calls) })({ callId });
    for (let second = 0; second < 5; second++) await setting.time.advance(1_000);
    await done;
    expect(setting.placed()).toHaveLength(0);
    expect((await setting.stateOf(callId)).state).toBe('queued');
    await setting.dial({ callId });
    expect((await setting.stateOf(callId)).state).toBe('placed');
    expect(setting.placed()).toHaveLength(1);
  });

  it('never takes back the dial of another worker that was quicker, whatever its own commit came to', async () => {
    const setting = await setUp();
    const callId = await setting.enqueue();
    const calls: Pick<Calls, 'load' | 'apply'> = {
      load: (id) => setting.calls.load(id),
      async apply(id, event) {
        if (event.type !== 'dial-started') return setting.calls.apply(id, event);
        await setting.dial({ callId });
        throw new StoreUnavailable('it is away');
      },
    };
    await createDial({ ...setting.dials, calls, tellRecord: setting.tellRecord(calls) })({ callId });
    expect((await setting.stateOf(callId)).state).toBe('placed');
    expect(setting.placed()).toHaveLength(1);
  });

  it('tells the record a definite answer although Redis blinks', async () => {
    const setting = await setUp();
    const callId = await setting.enqueue();
    let failures = 4;
    const calls: Pick<Calls, 'load' | 'apply'> = {
      load: (id) => setting.calls.load(id),
      async apply(id, event) {
        if (event.type === 'refused' && failures-- > 0) throw new StoreUnavailable('it is away');
        return setting.calls.apply(id, event);
      },
    };
    setting.carrier.next.place({ outcome: 'refused', code: 21211, retryable: false });
    const done = createDial({ ...setting.dials, calls, tellRecord: setting.tellRecord(calls) })({ callId });
    for (let second = 0; second < 10; second++) await setting.time.advance(1_000);
    await done;
    expect((await setting.stateOf(callId)).attempts[0]?.over).toMatchObject({ code: 21211, proven: true });
  });

  it('ends a call that may never be dialed, and says why', async () => {
    const { enqueue, dial, placed, stateOf } = await setUp({ limits: { countries: ['US'] } });
    const callId = await enqueue('+18765551234' as E164);
    await dial({ callId });
    expect(placed()).toHaveLength(0);
    expect(await stateOf(callId)).toMatchObject({
      state: 'settling',
      end: { disposition: 'canceled', cause: 'country-not-allowed', by: 'platform', endedBy: 'none', proven: true },
    });
  });

  it('holds a call for its own reason until a moment, and lets the others go', async () => {
    const { enqueue, dial, placed, stateOf } = await setUp();
    const to = '+14155553999' as E164;
    const [first, second, other] = [await enqueue(to), await enqueue(to), await enqueue()];
    for (const callId of [first, second, other]) expect(await dial({ callId })).toBeUndefined();
    expect(await stateOf(second)).toMatchObject({ state: 'scheduled', waitReason: 'destination-busy' });
    expect(placed().map(({ request }) => request.callId)).toEqual([first, other]);
  });

  it('waits for its turn before it dials, and looks again then', async () => {
    const { enqueue, dial, placed, time, database, stateOf } = await setUp({ limits: { callsPerSecond: 5 } });
    const [first, second, third] = [await enqueue(), await enqueue(), await enqueue()];
    await dial({ callId: first });
    const [dialing, stopped] = [dial({ callId: second }), dial({ callId: third })];
    await time.advance(199);
    expect(placed()).toHaveLength(1);
    await time.advance(10);
    await dialing;
    expect(placed()).toHaveLength(2);
    await createMemoryAdmissionControl({ database }).setKillSwitch('default', true);
    await time.advance(250);
    expect(await stopped).toEqual({ holdQueueMs: 1_000 });
    expect(placed()).toHaveLength(2);
    expect((await stateOf(third)).state).toBe('queued');
  });

  it('that died after the grant costs nothing: whoever comes next gets the same place', async () => {
    const { enqueue, dial, dials, placed, admission, stateOf, time } = await setUp({ maxConcurrent: 1 });
    const callId = await enqueue();
    await dials.admit(await stateOf(callId), 1);
    await time.advance(30_000);
    await dial({ callId });
    expect(placed()).toHaveLength(1);
    expect(await admission.places('default')).toHaveLength(1);
  });

  it('leaves an unknown call alone', async () => {
    const { dial, placed } = await setUp();
    await dial({ callId: newCallId('a', '01890000-0000-7000-8000-000000000000') });
    expect(placed()).toHaveLength(0);
  });
});
