import { callEventOf, newEndpointId, type CallId, type EndpointId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import type { DeliveryClaim, OutboxItem } from '../ports/webhooks.js';
import { applyAll, createSample, newLeg, ordinaryLife } from './sample-call.js';
import { happens, type Harness, type OpenStore } from './world.js';

const newEndpoint = (): EndpointId => newEndpointId(systemChance.uuidv7());
const token = (): string => systemChance.uuid();
const delivered = { status: 'delivered', tries: 1, triedAt: 5, result: 200, retryAt: null } as const;

/** Of this call, in the order in which they are relayed. */
async function waiting({ outbox }: OpenStore, callId: CallId): Promise<OutboxItem[]> {
  return (await outbox.read(1_000)).items.filter((item) => item.callId === callId);
}

/** A call that was created and canceled: two changes of state and its end. */
async function canceledCall(store: OpenStore): Promise<CallId> {
  const callId = await createSample(store.calls);
  await applyAll(store.calls, callId, [
    { type: 'end-asked', source: 'api', cause: 'canceled', by: 'operator' },
    { type: 'settled', source: 'hangup', n: 0 },
  ]);
  return callId;
}

async function relayAll(store: OpenStore, callId: CallId, endpointIds: readonly EndpointId[]): Promise<OutboxItem[]> {
  const items = await waiting(store, callId);
  for (const item of items)
    expect(await store.outbox.relay(item, callEventOf(item.news) ?? 'call.other', endpointIds)).toBe(true);
  return items;
}

export function deliveryConformance(harness: () => Harness): void {
  describe('the outbox', () => {
    it('holds every change of state until it is relayed, in order, and a recording', async () => {
      const store = await (await harness().world()).open();
      const callId = await createSample(store.calls);
      await applyAll(store.calls, callId, ordinaryLife(newLeg()));
      await applyAll(store.calls, callId, [{ type: 'noted', source: 'gateway', n: 1, recordingMs: 900 }]);
      const items = await waiting(store, callId);
      expect(items.flatMap(({ news }) => callEventOf(news) ?? [])).toEqual([
        'call.created',
        'call.dialing',
        'call.ringing',
        'call.answered',
        'call.attempt_ended',
        'call.ended',
        'call.recording_ready',
      ]);
      const versions = items.map(({ news }) => news.version);
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(items.every(({ news }) => news.hook === undefined)).toBe(true);
    });

    it('says that a call has an address of its own, and not which', async () => {
      const store = await (await harness().world()).open();
      const callId = await createSample(store.calls, { webhookUrl: 'https://canary.example/own' });
      const items = await waiting(store, callId);
      expect(items.map(({ news }) => news.hook)).toEqual([true]);
      expect(JSON.stringify(items)).not.toContain('canary');
    });

    it('gives each entry to one relay only, and is empty afterwards', async () => {
      const world = await harness().world();
      const [one, two] = [await world.open(), await world.open()];
      const callId = await canceledCall(one);
      const items = await waiting(one, callId);
      expect(await one.outbox.length()).toBe(items.length);
      const endpoint = newEndpoint();
      const taken = await Promise.all(
        items.flatMap((item) => [one, two].map(({ outbox }) => outbox.relay(item, 'call.x', [endpoint]))),
      );
      expect(taken.filter(Boolean)).toHaveLength(items.length);
      expect(await two.outbox.length()).toBe(0);
      expect(await two.deliveries.inLine({ callId, endpointId: endpoint })).toHaveLength(items.length);
    });

    it('lets go of what nobody wants', async () => {
      const store = await (await harness().world()).open();
      const callIds = await Promise.all([1, 2, 3].map(() => canceledCall(store)));
      await store.outbox.drop((await store.outbox.read(1_000)).items);
      expect(await store.outbox.length()).toBe(0);
      for (const callId of callIds) expect(await waiting(store, callId)).toEqual([]);
    });
  });

  describe('a line of deliveries', () => {
    it('is worked off in order, one at a time', async () => {
      const store = await (await harness().world()).open();
      const callId = await canceledCall(store);
      const line = { callId, endpointId: newEndpoint() };
      const items = await relayAll(store, callId, [line.endpointId]);
      const sequences: number[] = [];
      for (const left of [items.length - 1, ...items.keys()].slice(1).toReversed()) {
        const claim = (await store.deliveries.claim(line, token(), 1_000))!;
        expect(await store.deliveries.claim(line, token(), 1_000)).toBeNull();
        sequences.push(claim.delivery.sequence);
        expect(await store.deliveries.settle(claim, delivered)).toEqual({ isLost: false, waiting: left });
      }
      expect(sequences).toEqual(items.map(({ news }) => news.version));
      expect(await store.deliveries.claim(line, token(), 1_000)).toBeNull();
      expect((await store.deliveries.inLine(line)).map(({ status, result }) => [status, result])).toEqual(
        items.map(() => ['delivered', 200]),
      );
    });

    it('waits for its first, and is claimed by nobody before its time', async () => {
      const world = await harness().world();
      const store = await world.open();
      const callId = await canceledCall(store);
      const line = { callId, endpointId: newEndpoint() };
      await relayAll(store, callId, [line.endpointId]);
      const claim = (await store.deliveries.claim(line, token(), 1_000))!;
      const retryAt = claim.now + 900;
      const failed = { status: 'pending', tries: 1, triedAt: claim.now, result: 'timeout', retryAt } as const;
      await store.deliveries.settle(claim, failed);
      expect(await store.deliveries.claim(line, token(), 1_000)).toBeNull();
      expect((await store.deliveries.inLine(line))[0]).toMatchObject({ tries: 1, result: 'timeout', nextTryAt: retryAt });
      let again: DeliveryClaim | null = null;
      await happens(world, 3_000, async () => (again = await store.deliveries.claim(line, token(), 1_000)) !== null);
      expect(again).toMatchObject({ delivery: { sequence: claim.delivery.sequence, tries: 1 } });
    });

    it('comes back by itself if its claim runs out, and then the first claim says nothing any more', async () => {
      const world = await harness().world();
      const store = await world.open();
      const callId = await canceledCall(store);
      const line = { callId, endpointId: newEndpoint() };
      await relayAll(store, callId, [line.endpointId]);
      const first = (await store.deliveries.claim(line, token(), 300))!;
      let second: DeliveryClaim | null = null;
      await happens(world, 3_000, async () => (second = await store.deliveries.claim(line, token(), 10_000)) !== null);
      expect(await store.deliveries.settle(first, delivered)).toEqual({ isLost: true, waiting: 0 });
      expect(await store.deliveries.load(first.delivery)).toMatchObject({ status: 'pending' });
      expect(await store.deliveries.settle(second!, delivered)).toMatchObject({ isLost: false });
    });

    it('is found by whoever looks for lines that nobody has come for', async () => {
      const world = await harness().world();
      const store = await world.open();
      const callId = await canceledCall(store);
      const lines = [newEndpoint(), newEndpoint()].map((endpointId) => ({ callId, endpointId }));
      await relayAll(
        store,
        callId,
        lines.map(({ endpointId }) => endpointId),
      );
      expect(await store.deliveries.due(10, 60_000)).toEqual([]);
      expect(await happens(world, 5_000, async () => (await store.deliveries.due(10, 100)).length === 2)).toBe(true);
      expect((await store.deliveries.due(10, 100)).map((line) => line.endpointId).toSorted()).toEqual(
        lines.map(({ endpointId }) => endpointId).toSorted(),
      );
      expect(await store.deliveries.due(1, 100)).toHaveLength(1);
    });

    it('takes what is relayed while its first is being delivered', async () => {
      const store = await (await harness().world()).open();
      const callId = await createSample(store.calls);
      const line = { callId, endpointId: newEndpoint() };
      await relayAll(store, callId, [line.endpointId]);
      const claim = (await store.deliveries.claim(line, token(), 60_000))!;
      await applyAll(store.calls, callId, [{ type: 'end-asked', source: 'api', cause: 'canceled', by: 'operator' }]);
      await relayAll(store, callId, [line.endpointId]);
      expect(await store.deliveries.claim(line, token(), 1_000)).toBeNull();
      expect(await store.deliveries.settle(claim, delivered)).toEqual({ isLost: false, waiting: 1 });
      expect(await store.deliveries.claim(line, token(), 1_000)).toMatchObject({ delivery: { type: 'call.other' } });
    });
  });

  describe('the log of deliveries', () => {
    it('lists all, newest first, page by page, and what is wanted only', async () => {
      const store = await (await harness().world()).open();
      const [one, two] = [newEndpoint(), newEndpoint()];
      const callIds: CallId[] = [];
      for (let i = 0; i < 4; i++) {
        callIds.push(await createSample(store.calls));
        await relayAll(store, callIds[i]!, [one, two]);
      }
      const pages: CallId[][] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.deliveries.list>> = await store.deliveries.list({
          limit: 3,
          cursor,
          isWanted: () => true,
        });
        pages.push(page.deliveries.map(({ callId }) => callId));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(pages.flat()).toHaveLength(8);
      expect([...new Set(pages.flat())]).toEqual(callIds.toReversed());
      const ofTwo = await store.deliveries.list({ limit: 10, cursor: null, isWanted: ({ endpointId }) => endpointId === two });
      expect(ofTwo.deliveries.map(({ callId }) => callId)).toEqual(callIds.toReversed());
      expect(ofTwo.nextCursor).toBeNull();
    });

    it('knows no cursor but its own', async () => {
      const { deliveries } = await (await harness().world()).open();
      const asked = deliveries.list({ limit: 3, cursor: 'bm8', isWanted: () => true });
      await expect(asked).rejects.toMatchObject({ code: 'bad-cursor' });
    });

    it('has what is over delivered once more when asked, before what came later', async () => {
      const store = await (await harness().world()).open();
      const callId = await canceledCall(store);
      const line = { callId, endpointId: newEndpoint() };
      await relayAll(store, callId, [line.endpointId]);
      const claim = (await store.deliveries.claim(line, token(), 1_000))!;
      await store.deliveries.settle(claim, { ...delivered, status: 'failed', result: 500, tries: 10 });
      const again = await store.deliveries.redeliver(claim.delivery);
      expect(again).toMatchObject({ status: 'pending', tries: 0, result: null, at: claim.delivery.at });
      expect(again!.since).toBeGreaterThanOrEqual(claim.delivery.at);
      expect((await store.deliveries.claim(line, token(), 1_000))?.delivery.sequence).toBe(claim.delivery.sequence);
      expect(await store.deliveries.redeliver({ ...line, sequence: 99 })).toBeNull();
    });

    it('forgets', async () => {
      const world = await harness().world({ deliveryLogMs: 300 });
      const store = await world.open();
      const callId = await createSample(store.calls);
      const line = { callId, endpointId: newEndpoint() };
      await relayAll(store, callId, [line.endpointId]);
      const all = () => store.deliveries.list({ limit: 5, cursor: null, isWanted: () => true });
      expect((await all()).deliveries).toHaveLength(1);
      expect(await happens(world, 3_000, async () => (await all()).deliveries.length === 0)).toBe(true);
      expect(await store.deliveries.claim(line, token(), 1_000)).toBeNull();
      expect(await store.deliveries.due(10, 0)).toEqual([]);
    });
  });
}
