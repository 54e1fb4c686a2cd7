import { isStreamToken } from '@onhook/carrier';
import { newCallId, type CallId, type CarrierCallId, type E164, type GatewayId } from '@onhook/contracts';
import { silentLogger } from '@onhook/service';
import { StoreUnavailable, type Calls } from '@onhook/store';
import { createMemoryAdmissionControl } from '@onhook/store/memory';
import { describe, expect, it } from 'vitest';
import { createDial } from './dial.js';
import { createDialWorld, FROM, GRANTED, SECRET } from './testing/dial-world.js';

describe('the look before a dial', () => {
  it('that finds doubt holds the call, gives its place back and dials nothing', async () => {
    const { enqueue, dial, stateOf, placed, admission } = await createDialWorld({
      looked: { verdict: 'held', until: 20_000, reason: 'store-restarted' },
    });
    const callId = await enqueue();
    await dial({ callId });
    expect(await stateOf(callId)).toMatchObject({ state: 'scheduled', waitReason: 'store-restarted' });
    expect(placed()).toEqual([]);
    expect(await admission.places('default')).toEqual([]);
  });

  it('that finds the leg leaves it to the record, and its place with it', async () => {
    const { enqueue, dial, placed, admission } = await createDialWorld({ looked: { verdict: 'dialed' } });
    await dial({ callId: await enqueue() });
    expect(placed()).toEqual([]);
    expect(await admission.places('default')).toHaveLength(1);
  });
});

describe('one dial job', () => {
  it('places the call and binds its SID', async () => {
    const { enqueue, dial, stateOf, placed, carrier } = await createDialWorld();
    const callId = await enqueue();
    await dial({ callId });
    const call = await stateOf(callId);
    expect(call.state).toBe('placed');
    expect(call.attempts[0]?.sid).toBe(carrier.legs[0]?.sid);
    expect(placed()).toHaveLength(1);
  });

  it('tells the carrier where to report, how long the call may last, and a token that only this attempt has', async () => {
    const { enqueue, dial, placed } = await createDialWorld();
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
    const { enqueue, dial, placed } = await createDialWorld();
    await dial({ callId: await enqueue() });
    expect(placed()[0]?.request.streamUrl).toBe('wss://empty.example/media');
  });

  it('never places a second call when it is repeated', async () => {
    const { enqueue, dial, placed } = await createDialWorld();
    const callId = await enqueue();
    await dial({ callId });
    await dial({ callId });
    expect(placed()).toHaveLength(1);
  });

  it('never places a second call when two workers run it at once', async () => {
    const { enqueue, dialer, placed } = await createDialWorld();
    const callId = await enqueue();
    await Promise.all([dialer()({ callId }), dialer()({ callId }), dialer()({ callId })]);
    expect(placed()).toHaveLength(1);
  });

  it('does not place a call that was canceled between admission and dial', async () => {
    const canceledMeanwhile: { callId?: CallId; calls?: Awaited<ReturnType<typeof createDialWorld>>['calls'] } = {};
    const setting = await createDialWorld({
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
    const setting = await createDialWorld();
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
      readiness: setting.dials.readiness,
      directory: setting.dials.directory,
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
    const { enqueue, dial, placed, stateOf } = await createDialWorld({ hangupWorkers: 0 });
    const callId = await enqueue();
    expect(await dial({ callId })).toEqual({ holdQueueMs: 1_000 });
    expect(placed()).toHaveLength(0);
    expect((await stateOf(callId)).state).toBe('queued');
  });

  it('waits while no gateway has a free seat', async () => {
    const { enqueue, dial, placed } = await createDialWorld({ seats: 0 });
    expect(await dial({ callId: await enqueue() })).toEqual({ holdQueueMs: 1_000 });
    expect(placed()).toHaveLength(0);
  });

  it('oversells no gateway, however long its calls ring and however many dialers there are', async () => {
    const { enqueue, dialer, placed, time } = await createDialWorld({ seats: 2, busy: 10 });
    const answers = [];
    for (let i = 0; i < 6; i++) {
      answers.push(await dialer()({ callId: await enqueue() }));
      // Longer than any directory beat: nothing but the places knows of calls that ring.
      await time.advance(8_000);
    }
    expect(placed().map(({ request }) => request.streamUrl)).toEqual(Array(2).fill('wss://empty.example/media'));
    expect(answers.slice(2)).toEqual(Array(4).fill({ holdQueueMs: 500 }));
  });

  it('tells the gateway of the stream before it dials, for as long as the call may ring and ten seconds', async () => {
    const { enqueue, dial, dials, carrier, directory } = await createDialWorld();
    const seen: number[] = [];
    const place = carrier.placeCall.bind(carrier);
    dials.carrier.placeCall = async (request, expired) => {
      seen.push(await directory.streamsExpectedForMs('gw_2' as GatewayId));
      return place(request, expired);
    };
    await dial({ callId: await enqueue() });
    expect(seen).toEqual([40_000]);
  });

  it('does not give back the place that another dialer has asked for since', async () => {
    const setting = await createDialWorld();
    const callId = await setting.enqueue();
    const slept = createDial({
      ...setting.dials,
      // It sleeps over its look; meanwhile somebody else dials the call.
      async lookBeforeDial() {
        await setting.dial({ callId });
        return { verdict: 'held', until: 20_000, reason: 'store-restarted' };
      },
    });
    await slept({ callId });
    expect((await setting.stateOf(callId)).state).toBe('placed');
    expect(await setting.admission.places('default')).toHaveLength(1);
  });

  it('holds the queue while the account has no room', async () => {
    const { enqueue, dial, placed } = await createDialWorld({ maxConcurrent: 1 });
    const [first, second] = [await enqueue(), await enqueue()];
    await dial({ callId: first });
    const answer = await dial({ callId: second });
    expect(answer && answer.holdQueueMs).toBeGreaterThan(0);
    expect(placed()).toHaveLength(1);
  });

  it('dials again only after the carrier provably did nothing', async () => {
    const { enqueue, dial, placed, carrier, stateOf, wakes } = await createDialWorld();
    const callId = await enqueue();
    carrier.next.place({ outcome: 'not-sent', retryInMs: 500, reason: 'rate-limited' });
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('queued');
    expect(wakes.at(-1)).toMatchObject({ type: 'wake-dialer', callId });
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('placed');
    expect(placed().filter((one) => one.outcome.outcome === 'accepted')).toHaveLength(1);
  });

  it('waits longer after each dial that was not sent, and holds the queue: a carrier that is away is not stormed', async () => {
    const { enqueue, dial, carrier, stateOf, wakes, time } = await createDialWorld();
    const callId = await enqueue();
    const pauses: number[] = [];
    for (let i = 0; i < 10; i++) {
      carrier.next.place({ outcome: 'not-sent', retryInMs: 1_000, reason: 'connect-timeout' });
      expect(await dial({ callId })).toEqual({ holdQueueMs: 1_000 });
      const wake = wakes.at(-1)!;
      pauses.push('at' in wake && wake.at !== undefined ? wake.at - time.now() : 0);
      await time.advance(60_000);
    }
    expect(pauses).toEqual([1_000, 1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect((await stateOf(callId)).state).toBe('queued');
  });

  it('asks for its grant anew when the look before the dial took long, and so is not turned back for ever', async () => {
    const setting = await createDialWorld({ limits: { callsPerSecond: 5 } });
    const callId = await setting.enqueue();
    const slow = createDial({
      ...setting.dials,
      async lookBeforeDial() {
        await setting.time.advance(3_500);
        return { verdict: 'clear' };
      },
    });
    await slow({ callId });
    expect((await setting.stateOf(callId)).state).toBe('placed');
    expect(setting.placed()).toHaveLength(1);
  });

  it('takes no seat, after a look that took long, at a gateway that has left meanwhile', async () => {
    const setting = await createDialWorld();
    const { time, directory, placed } = setting;
    const callId = await setting.enqueue();
    const leaves = (gatewayId: string, name: string) =>
      directory.beat(
        { gatewayId: gatewayId as GatewayId, mediaUrl: `wss://${name}.example/media`, live: 0, seats: 10, draining: true },
        3_600_000,
      );
    const whenAsked: string[][] = [];
    const admit: typeof setting.dials.admit = (call, n, surroundings) => {
      whenAsked.push(surroundings.gateways.map(({ gatewayId }) => gatewayId));
      return setting.dials.admit(call, n, surroundings);
    };
    const slow = createDial({
      ...setting.dials,
      admit,
      async lookBeforeDial() {
        await time.advance(2_000);
        await leaves('gw_2', 'empty');
        return { verdict: 'clear' };
      },
    });
    await slow({ callId });
    expect(whenAsked).toEqual([['gw_1', 'gw_2'], ['gw_1']]);
    expect(placed().map(({ request }) => request.streamUrl)).toEqual(['wss://busy.example/media']);
  });

  it('dials nothing, after a look that took long, if nobody is ready any more, and holds the queue', async () => {
    const setting = await createDialWorld();
    const callId = await setting.enqueue();
    const slow = createDial({
      ...setting.dials,
      async lookBeforeDial() {
        await setting.time.advance(2_000);
        await setting.beats.leave('hangup', 'worker-1');
        return { verdict: 'clear' };
      },
    });
    expect(await slow({ callId })).toEqual({ holdQueueMs: 1_000 });
    expect(setting.placed()).toEqual([]);
    expect((await setting.stateOf(callId)).state).toBe('queued');
    expect(await setting.admission.places('default')).toEqual([]);
  });

  it('never dials again after an unclear answer', async () => {
    const { enqueue, dial, placed, carrier, stateOf } = await createDialWorld();
    const callId = await enqueue();
    carrier.next.place(carrier.lostAnswer);
    await dial({ callId });
    await dial({ callId });
    expect((await stateOf(callId)).state).toBe('unconfirmed');
    expect(placed()).toHaveLength(1);
  });

  it("ends the call with the carrier's code when it is refused", async () => {
    const { enqueue, dial, carrier, stateOf } = await createDialWorld();
    const callId = await enqueue();
    carrier.next.place({ outcome: 'refused', code: 21211, retryable: false });
    await dial({ callId });
    const call = await stateOf(callId);
    expect(call.state).toBe('settling');
    expect(call.attempts[0]?.over).toMatchObject({ disposition: 'failed', code: 21211, proven: true });
  });

  it('holds the queue when our credentials are refused, and keeps the call', async () => {
    const { enqueue, dial, carrier, stateOf } = await createDialWorld();
    const callId = await enqueue();
    carrier.next.place({ outcome: 'misconfigured', code: 20003, reason: 'Authenticate' });
    expect(await dial({ callId })).toEqual({ holdQueueMs: 30_000 });
    expect((await stateOf(callId)).state).toBe('queued');
  });

  it('accepts that a callback was faster than the answer to the request', async () => {
    const { enqueue, dial, carrier, calls, stateOf } = await createDialWorld();
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
    const setting = await createDialWorld();
    const callId = await setting.enqueue();
    const canceling = createDial({
      ...setting.dials,
      async admit(...asked) {
        const answer = await setting.dials.admit(...asked);
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
    const setting = await createDialWorld();
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
    const setting = await createDialWorld();
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
    const setting = await createDialWorld();
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
    const { enqueue, dial, placed, stateOf } = await createDialWorld({ limits: { countries: ['US'] } });
    const callId = await enqueue('+18765551234' as E164);
    await dial({ callId });
    expect(placed()).toHaveLength(0);
    expect(await stateOf(callId)).toMatchObject({
      state: 'settling',
      end: { disposition: 'canceled', cause: 'country-not-allowed', by: 'platform', endedBy: 'none', proven: true },
    });
  });

  it('holds a call for its own reason until a moment, and lets the others go', async () => {
    const { enqueue, dial, placed, stateOf } = await createDialWorld();
    const to = '+14155553999' as E164;
    const [first, second, other] = [await enqueue(to), await enqueue(to), await enqueue()];
    for (const callId of [first, second, other]) expect(await dial({ callId })).toBeUndefined();
    expect(await stateOf(second)).toMatchObject({ state: 'scheduled', waitReason: 'destination-busy' });
    expect(placed().map(({ request }) => request.callId)).toEqual([first, other]);
  });

  it('waits for its turn before it dials, and looks again then', async () => {
    const { enqueue, dial, placed, time, database, stateOf } = await createDialWorld({ limits: { callsPerSecond: 5 } });
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
    const { enqueue, dial, dials, placed, admission, stateOf, time } = await createDialWorld({ maxConcurrent: 1 });
    const callId = await enqueue();
    await dials.admit(await stateOf(callId), 1, { gateways: [], redisNow: () => time.now() });
    await time.advance(30_000);
    await dial({ callId });
    expect(placed()).toHaveLength(1);
    expect(await admission.places('default')).toHaveLength(1);
  });

  it('leaves an unknown call alone', async () => {
    const { dial, placed } = await createDialWorld();
    await dial({ callId: newCallId('a', '01890000-0000-7000-8000-000000000000') });
    expect(placed()).toHaveLength(0);
  });
});
