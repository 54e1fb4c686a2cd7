import type { CallId } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import {
  applyAll,
  createBridged,
  createSample,
  idFor,
  mustApply,
  newGateway,
  newLeg,
  newSid,
  newStreamSid,
  ordinaryLife,
} from './sample-call.js';
import { happens, type Harness } from './world.js';

export function indexConformance(harness: () => Harness): void {
  describe('the listing', () => {
    it('pages through all calls, newest first, each once', async () => {
      const world = await harness().world();
      const { calls } = await world.open();
      const made: string[] = [];
      for (let i = 0; i < 23; i++) {
        made.push(await createSample(calls));
        if (i % 5 === 0) await world.passMs(2);
      }
      const pages: string[][] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof calls.list>> = await calls.list({ limit: 10, cursor });
        pages.push(page.calls.map(({ callId }) => callId));
        const ages = page.calls.map(({ createdAt }) => createdAt);
        expect(ages).toEqual(ages.toSorted((a, b) => b - a));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(pages.map((page) => page.length)).toEqual([10, 10, 3]);
      expect(pages.flat().toSorted()).toEqual(made.toSorted());
    });

    it('has no next page after a last one that is full', async () => {
      const { calls } = await (await harness().world()).open();
      for (let i = 0; i < 4; i++) await createSample(calls);
      const first = await calls.list({ limit: 2, cursor: null });
      expect(first.nextCursor).not.toBeNull();
      expect(await calls.list({ limit: 2, cursor: first.nextCursor })).toMatchObject({ nextCursor: null });
      expect(await (await (await harness().world()).open()).calls.list({ limit: 2, cursor: null })).toEqual({
        calls: [],
        nextCursor: null,
      });
    });

    it('shows only calls that fit, and of a span of time, page by page', async () => {
      const world = await harness().world();
      const { calls } = await world.open();
      const made: CallId[] = [];
      for (let i = 0; i < 9; i++) {
        made.unshift(await createSample(calls));
        await world.passMs(3);
      }
      const odd = new Set(made.filter((_, i) => i % 2 === 1));
      const fits = ({ callId }: { callId: CallId }): boolean => odd.has(callId);
      const first = await calls.list({ limit: 3, cursor: null, fits });
      const second = await calls.list({ limit: 3, cursor: first.nextCursor, fits });
      expect([...first.calls, ...second.calls].map(({ callId }) => callId)).toEqual([...odd]);
      expect(second.nextCursor).toBeNull();

      const all = (await calls.list({ limit: 20, cursor: null })).calls;
      const [newest, oldest] = [all[2]!.createdAt, all[5]!.createdAt];
      const span = await calls.list({ limit: 20, cursor: null, createdAfter: oldest, createdBefore: newest });
      expect(span.calls.map(({ callId }) => callId)).toEqual(made.slice(3, 6));
    });

    it('refuses a cursor that it never gave', async () => {
      const { calls } = await (await harness().world()).open();
      for (const cursor of ['', 'nonsense', Buffer.from('000001700000000:call_z_1').toString('base64url')]) {
        await expect(calls.list({ limit: 2, cursor })).rejects.toMatchObject({ code: 'bad-cursor' });
      }
    });
  });

  describe('deadlines', () => {
    it('are due once they have passed, soonest first, over all shards', async () => {
      const world = await harness().world();
      const { calls } = await world.open();
      const { now } = (await calls.load(await createSample(calls)))!;
      const made: { callId: string; deadline: number }[] = [];
      for (const inMs of [120, 40, 80, 160, 60_000]) {
        const callId = await createSample(calls, { notBefore: now + inMs + 1_000 });
        made.push({ callId, deadline: (await calls.load(callId))!.call.deadline! });
      }
      expect(await happens(world, 5_000, async () => (await calls.due(10)).length >= 4)).toBe(true);
      const expected = made.slice(0, 4).toSorted((a, b) => a.deadline - b.deadline);
      expect(await calls.due(10)).toEqual(expected);
      expect(await calls.due(2)).toEqual(expected.slice(0, 2));
    });

    it('are not due any more when the call has moved on', async () => {
      const world = await harness().world();
      const { calls } = await world.open();
      const { now } = (await calls.load(await createSample(calls)))!;
      const callId = await createSample(calls, { notBefore: now + 600 });
      expect(await happens(world, 5_000, async () => (await calls.due(10)).length === 1)).toBe(true);
      const [due] = await calls.due(10);
      expect(
        (await mustApply(calls, callId, { type: 'deadline-passed', source: 'watchdog', deadline: due!.deadline })).call.state,
      ).toBe('queued');
      expect(await calls.due(10)).toEqual([]);
    });
  });

  describe('the calls under way', () => {
    it('are those with a leg at the carrier or perhaps one, and no others', async () => {
      const { calls } = await (await harness().world()).open();
      const bridged = await createBridged(calls, newLeg());
      const dialing = await createSample(calls);
      await applyAll(calls, dialing, ordinaryLife(newLeg()).slice(0, 1));
      const ended = await createSample(calls);
      await applyAll(calls, ended, ordinaryLife(newLeg()));
      await createSample(calls);
      expect((await calls.underWay()).toSorted()).toEqual([bridged, dialing].toSorted());
    });

    it('are all found, however many there are', async () => {
      const { calls } = await (await harness().world()).open();
      const made = await Promise.all(Array.from({ length: 60 }, () => createSample(calls)));
      await Promise.all(made.map((callId) => applyAll(calls, callId, ordinaryLife(newLeg()).slice(0, 1))));
      expect((await calls.underWay()).toSorted()).toEqual(made.toSorted());
    });
  });

  describe('a carrier call id', () => {
    it('finds the call whose attempt it is, and whose it was for a while after the attempt', async () => {
      const { calls } = await (await harness().world()).open();
      const callId = await createSample(calls);
      const leg = newLeg();
      const life = ordinaryLife(leg);
      expect(await calls.findBySid(leg.sid)).toBeNull();
      await applyAll(calls, callId, life.slice(0, 2));
      expect(await calls.findBySid(leg.sid)).toBe(callId);
      expect(await calls.findBySid(newSid())).toBeNull();
      await applyAll(calls, callId, life.slice(2));
      expect(await calls.findBySid(leg.sid)).toBe(callId);
    });

    it('finds the call also if the leg was over in the very word that named it', async () => {
      const { calls } = await (await harness().world()).open();
      const callId = await createSample(calls);
      const leg = newLeg();
      const busy = { type: 'carrier', source: 'callback', via: 'callback', n: 1, sid: leg.sid, status: 'busy' } as const;
      await applyAll(calls, callId, [...ordinaryLife(leg).slice(0, 1), busy]);
      expect((await calls.load(callId))?.call).toMatchObject({ state: 'settling', attempts: [{ sid: leg.sid }] });
      expect(await calls.findBySid(leg.sid)).toBe(callId);
    });

    it('is forgotten in the end', async () => {
      const world = await harness().world({ endedSidMs: 1 });
      const { calls } = await world.open();
      const callId = await createSample(calls);
      const leg = newLeg();
      await applyAll(calls, callId, ordinaryLife(leg));
      await world.passMs(10);
      await calls.apply(callId, { type: 'noted', source: 'gateway', n: 1, recordingMs: 1 });
      expect(await calls.findBySid(leg.sid)).toBeNull();
    });
  });

  describe('a media lease', () => {
    it('is kept by the gateway that holds the stream, and by no other', async () => {
      const { calls } = await (await harness().world()).open();
      const leg = newLeg();
      const callId = await createBridged(calls, leg);
      const stream = { callId, streamSid: leg.streamSid };
      expect(await calls.renewLeases(leg.gatewayId, [stream])).toEqual({ close: [] });
      expect(await calls.renewLeases(newGateway(), [stream])).toEqual({ close: [stream] });
      const strangers = [
        { callId, streamSid: newStreamSid() },
        { callId: idFor('nobody', null), streamSid: newStreamSid() },
      ];
      const { close } = await calls.renewLeases(leg.gatewayId, [...strangers, stream]);
      expect(close.toSorted((a, b) => (a.streamSid < b.streamSid ? -1 : 1))).toEqual(
        strangers.toSorted((a, b) => (a.streamSid < b.streamSid ? -1 : 1)),
      );
      expect(await calls.renewLeases(leg.gatewayId, [])).toEqual({ close: [] });
    });

    it('is answered with "close this" as soon as the call ends, and is gone', async () => {
      const world = await harness().world({ leaseMs: 150 });
      const { calls } = await world.open();
      const leg = newLeg();
      const callId = await createBridged(calls, leg);
      await mustApply(calls, callId, { type: 'end-asked', source: 'gateway', cause: 'agent-ended-call', by: 'agent' });
      const stream = { callId, streamSid: leg.streamSid };
      expect(await calls.renewLeases(leg.gatewayId, [stream])).toEqual({ close: [stream] });
      await world.passMs(300);
      expect(await calls.expiredLeases(10)).toEqual([]);
    });

    it('runs out when nobody renews it, callbacks notwithstanding', async () => {
      const world = await harness().world({ leaseMs: 500 });
      const { calls } = await world.open();
      const leg = newLeg();
      const callId = await createBridged(calls, leg);
      expect(await calls.expiredLeases(10)).toEqual([]);
      let deadline = 0;
      // Forty looks, so that each of the no-news events is a commit and none only counted.
      const hasRunOut = await happens(world, 1_000, async () => {
        await mustApply(calls, callId, { type: 'deadline-passed', source: 'watchdog', deadline: ++deadline });
        return (await calls.expiredLeases(10)).length === 1;
      });
      expect(hasRunOut).toBe(true);
      expect(await calls.expiredLeases(10)).toEqual([{ callId, streamSid: leg.streamSid, gatewayId: leg.gatewayId }]);
      expect(deadline).toBeGreaterThan(1);
    });

    it('that is renewed in time does not run out, and touches no version', async () => {
      const world = await harness().world({ leaseMs: 2_000 });
      const { calls } = await world.open();
      const leg = newLeg();
      const callId = await createBridged(calls, leg);
      const { version } = (await calls.load(callId))!;
      const start = (await calls.load(callId))!.now;
      while ((await calls.load(callId))!.now < start + 2_500) {
        await world.passMs(200);
        await calls.renewLeases(leg.gatewayId, [{ callId, streamSid: leg.streamSid }]);
        expect(await calls.expiredLeases(10)).toEqual([]);
      }
      expect((await calls.load(callId))!.version).toBe(version);
    });

    it('renews some hundred streams at once', async () => {
      const { calls } = await (await harness().world()).open();
      const leg = newLeg();
      const callId = await createBridged(calls, leg);
      const gone = Array.from({ length: 250 }, () => ({ callId: idFor('nobody', null), streamSid: newStreamSid() }));
      const { close } = await calls.renewLeases(leg.gatewayId, [...gone, { callId, streamSid: leg.streamSid }]);
      expect(close).toHaveLength(250);
    });
  });
}
