import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTerminal, newCallId, type CarrierCallId, type CarrierStatus, type E164 } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import type { Carrier, PlaceCall, PlaceOutcome, Redirect } from '../port.js';

export { startTwilioFixture, type FixtureRequest, type TwilioFixture } from './twilio-fixture.js';

/** One adapter with a carrier behind it, as the suite sees them. */
export interface CarrierHarness {
  readonly carrier: Carrier;
  /** How many create requests have reached the carrier. */
  created(): number;
  setStatus(sid: CarrierCallId, status: CarrierStatus): void;
  /** What time it is at the carrier. */
  now(): number;
  stop(): Promise<void>;
}

export function aPlaceCall(changes: Partial<PlaceCall> = {}): PlaceCall {
  const callId = newCallId('a', systemChance.uuidv7());
  return {
    callId,
    attempt: 1,
    to: '+14155550123' as E164,
    from: '+14155550199' as E164,
    ringTimeoutSec: 30,
    timeLimitSec: 630,
    statusCallbackUrl: `https://onhook.example/carrier/twilio/status/${callId}/1`,
    streamUrl: 'wss://onhook.example/carrier/twilio/media',
    streamToken: 'a-token',
    ...changes,
  };
}

export function aRedirect(changes: Partial<Redirect> = {}): Redirect {
  return {
    to: '+14155550177' as E164,
    from: '+14155550199' as E164,
    ringTimeoutSec: 25,
    limitSec: 3_600,
    timeLimitSec: 3_700,
    statusCallbackUrl: 'https://onhook.example/carrier/twilio/transfer/call_a_1/1',
    afterUrl: 'https://onhook.example/carrier/twilio/after-transfer/call_a_1/1',
    ...changes,
  };
}

/** What every carrier adapter promises. */
export function describeCarrier(name: string, open: () => Promise<CarrierHarness>): void {
  describe(`${name} keeps the promises of a carrier`, () => {
    let harness: CarrierHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.stop());

    async function placed(changes: Partial<PlaceCall> = {}): Promise<CarrierCallId> {
      const outcome: PlaceOutcome = await harness.carrier.placeCall(aPlaceCall(changes), () => false);
      if (outcome.outcome !== 'accepted') throw new Error(`was not accepted: ${outcome.outcome}`);
      return outcome.sid;
    }

    it('accepts a call and knows it afterwards', async () => {
      const sid = await placed();
      const found = await harness.carrier.fetchCall(sid);
      expect(found).toMatchObject({ outcome: 'found', call: { sid, to: '+14155550123', from: '+14155550199', parentSid: null } });
      expect(found.outcome === 'found' && isTerminal(found.call.status)).toBe(false);
      expect(harness.created()).toBe(1);
    });

    it('sends nothing once the grant has expired', async () => {
      const outcome = await harness.carrier.placeCall(aPlaceCall(), () => true);
      expect(outcome).toMatchObject({ outcome: 'not-sent', reason: 'grant-expired' });
      expect(harness.created()).toBe(0);
    });

    it('ends a live leg, and a look proves it', async () => {
      const sid = await placed();
      harness.setStatus(sid, 'in-progress');
      expect(await harness.carrier.hangUp(sid)).toMatchObject({ outcome: 'asked' });
      expect(await harness.carrier.fetchCall(sid)).toMatchObject({ outcome: 'found', call: { status: 'completed' } });
    });

    it('redirects an answered leg, which goes on', async () => {
      const sid = await placed();
      harness.setStatus(sid, 'in-progress');
      expect(await harness.carrier.redirect(sid, aRedirect())).toEqual({ outcome: 'asked' });
      expect(await harness.carrier.fetchCall(sid)).toMatchObject({ outcome: 'found', call: { status: 'in-progress' } });
    });

    it('says of a leg that is over, or not answered yet, that it was not redirected', async () => {
      const sid = await placed();
      expect(await harness.carrier.redirect(sid, aRedirect())).toEqual({ outcome: 'refused', reason: 'twilio-21220' });
      harness.setStatus(sid, 'completed');
      expect(await harness.carrier.redirect(sid, aRedirect())).toEqual({ outcome: 'refused', reason: 'twilio-21220' });
    });

    it('never takes the end of a leg that is over for a failure', async () => {
      const sid = await placed();
      harness.setStatus(sid, 'busy');
      const outcome = await harness.carrier.hangUp(sid);
      expect(outcome.outcome).not.toBe('failed');
      expect(await harness.carrier.fetchCall(sid)).toMatchObject({ outcome: 'found', call: { status: 'busy' } });
    });

    it('says of an unknown leg that it may be over, and that it is not found', async () => {
      const sid = `CA${'f'.repeat(32)}` as CarrierCallId;
      expect(await harness.carrier.hangUp(sid)).toEqual({ outcome: 'perhaps-over', code: 20_404 });
      expect(await harness.carrier.fetchCall(sid)).toEqual({ outcome: 'not-found' });
    });

    it('lists the legs to one number, newest first, and none that are older than asked for', async () => {
      const wanted = [await placed({ to: '+14155550101' as E164 }), await placed({ to: '+14155550101' as E164 })];
      await placed({ to: '+14155550102' as E164 });
      const listed = await harness.carrier.listCalls({ to: '+14155550101' as E164, createdAfter: harness.now() - 5_000 });
      expect(listed).toMatchObject({ outcome: 'listed', complete: true });
      const sids = listed.outcome === 'listed' ? listed.calls.map((call) => call.sid) : [];
      expect(sids.toSorted()).toEqual(wanted.toSorted());
      const none = await harness.carrier.listCalls({ createdAfter: harness.now() + 10_000 });
      expect(none).toMatchObject({ outcome: 'listed', complete: true, calls: [] });
    });

    it('lists the live legs alone, in whatever state they are', async () => {
      const [queued, ringing, talking, over] = [await placed(), await placed(), await placed(), await placed()];
      harness.setStatus(ringing, 'ringing');
      harness.setStatus(talking, 'in-progress');
      harness.setStatus(over, 'no-answer');
      const listed = await harness.carrier.listCalls({ createdAfter: 0, live: true });
      const sids = listed.outcome === 'listed' ? listed.calls.map((call) => call.sid) : [];
      expect(sids).toEqual(expect.arrayContaining([queued, ringing, talking]));
      expect(sids).not.toContain(over);
    });
  });
}
