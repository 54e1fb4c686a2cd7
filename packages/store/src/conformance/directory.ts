import type { CallId, GatewayOrder, StreamSid } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { idFor, newGateway, newStreamSid } from './sample-call.js';
import { happens, type Harness } from './world.js';

const entryOf = (live: number) => ({
  gatewayId: newGateway(),
  mediaUrl: 'ws://127.0.0.1:7000/media',
  live,
  seats: 50,
  draining: false,
});
const closing = (callId: CallId = idFor('any', null), streamSid: StreamSid = newStreamSid()): GatewayOrder => ({
  type: 'close',
  callId,
  streamSid,
});

export function directoryConformance(harness: () => Harness): void {
  describe('the gateway directory', () => {
    it('shows to all who beat, with what they said last, until they leave', async () => {
      const world = await harness().world();
      const [one, other] = [await world.open(), await world.open()];
      const [a, b] = [entryOf(1), entryOf(2)];
      await one.directory.beat(a, 60_000);
      await other.directory.beat(b, 60_000);
      await one.directory.beat({ ...a, live: 9, draining: true }, 60_000);
      const list = await other.directory.list();
      expect(list.toSorted((x, y) => x.seats - y.seats || y.live - x.live)).toEqual([{ ...a, live: 9, draining: true }, b]);
      await one.directory.leave(a.gatewayId);
      expect(await other.directory.list()).toEqual([b]);
    });

    it('knows for how long streams may still open at a gateway: as long as the last of the calls dialed for it may ring', async () => {
      const world = await harness().world();
      const { directory } = await world.open();
      const [a, b] = [newGateway(), newGateway()];
      await directory.expectStream(a, 40_000);
      await directory.expectStream(a, 300);
      expect(await directory.streamsExpectedForMs(a)).toBeGreaterThan(30_000);
      expect(await directory.streamsExpectedForMs(b)).toBe(0);
      await directory.expectStream(b, 200);
      expect(await directory.streamsExpectedForMs(b)).toBeGreaterThan(0);
      expect(await happens(world, 3_000, async () => (await directory.streamsExpectedForMs(b)) === 0)).toBe(true);
    });

    it('forgets a gateway that stopped beating', async () => {
      const world = await harness().world();
      const { directory } = await world.open();
      await directory.beat(entryOf(0), 150);
      expect(await happens(world, 3_000, async () => (await directory.list()).length === 0)).toBe(true);
    });
  });

  describe('orders', () => {
    it('reach their gateway, in order, also those sent before it listened, until it stops listening', async () => {
      const world = await harness().world();
      const [sender, gateway] = [await world.open(), await world.open()];
      const [gatewayId, elsewhere] = [newGateway(), newGateway()];
      const sent = Array.from({ length: 5 }, () => closing());
      const got: GatewayOrder[] = [];
      const stop = new AbortController();
      await sender.orders.send(gatewayId, sent[0]!);
      await sender.orders.send(elsewhere, closing());
      const done = gateway.orders.receive(gatewayId, async (order) => void got.push(order), stop.signal);
      for (const order of sent.slice(1)) await sender.orders.send(gatewayId, order);
      expect(await happens(world, 5_000, async () => got.length === 5)).toBe(true);
      expect(got).toEqual(sent);
      stop.abort();
      await done;
      await sender.orders.send(gatewayId, closing());
      await world.passMs(50);
      expect(got).toHaveLength(5);
    });

    it('go on after one that failed or that nobody understands', async () => {
      const world = await harness().world();
      const { orders } = await world.open();
      const gatewayId = newGateway();
      const got: string[] = [];
      const stop = new AbortController();
      const [bad, good] = [closing(), closing()];
      await orders.send(gatewayId, bad);
      await orders.send(gatewayId, { type: 'sing' } as unknown as GatewayOrder);
      await orders.send(gatewayId, good);
      const done = orders.receive(
        gatewayId,
        (order) => {
          got.push(order.callId);
          if (order.callId === bad.callId) throw new Error('this order cannot be done');
        },
        stop.signal,
      );
      expect(await happens(world, 5_000, async () => got.length === 2)).toBe(true);
      expect(got).toEqual([bad.callId, good.callId]);
      stop.abort();
      await done;
    });

    it('are not received at all when the gateway has already stopped', async () => {
      const { orders } = await (await harness().world()).open();
      expect(await orders.receive(newGateway(), () => {}, AbortSignal.abort())).toBeUndefined();
    });
  });

  describe('worker beats', () => {
    it('count the living of each kind', async () => {
      const world = await harness().world();
      const { beats } = await world.open();
      expect(await beats.alive('hangup')).toBe(0);
      await beats.beat('hangup', 'one', 60_000);
      await beats.beat('hangup', 'one', 60_000);
      await beats.beat('hangup', 'two', 150);
      await beats.beat('dialer', 'three', 60_000);
      expect(await beats.alive('dialer')).toBe(1);
      expect(await happens(world, 3_000, async () => (await beats.alive('hangup')) === 1)).toBe(true);
    });

    it('end at once when the worker leaves', async () => {
      const { beats } = await (await harness().world()).open();
      await beats.beat('hangup', 'one', 60_000);
      await beats.beat('hangup', 'two', 60_000);
      await beats.leave('hangup', 'one');
      expect(await beats.alive('hangup')).toBe(1);
    });
  });
}
