import { describe, expect, it } from 'vitest';
import {
  applyAll,
  createSample,
  FROM,
  idFor,
  keyed,
  mustApply,
  newAccount,
  newLeg,
  ordinaryLife,
  sampleCall,
  TO,
  WORDS,
} from './sample-call.js';
import { happens, type Harness } from './world.js';

export function recordConformance(harness: () => Harness): void {
  describe('a new call', () => {
    it('can be loaded by every process, and its timeline has begun', async () => {
      const world = await harness().world();
      const [one, other] = [await world.open(), await world.open()];
      const asked = sampleCall();
      const created = await one.calls.create(asked, null);
      expect(created).toMatchObject({
        outcome: 'created',
        call: { callId: asked.callId, state: 'queued', to: TO },
        effects: [{ type: 'wake-dialer' }],
      });
      const loaded = await other.calls.load(asked.callId);
      expect(loaded).toMatchObject({ version: 1, call: { callId: asked.callId, variables: { name: 'Ada' } } });
      expect(loaded?.now).toBeGreaterThanOrEqual(loaded?.call.createdAt ?? Infinity);
      expect(await other.calls.timeline(asked.callId)).toMatchObject([
        { version: 1, event: 'created', source: 'api', verdict: 'moved', state: 'queued' },
      ]);
    });

    it('is the same call again if its id is created again', async () => {
      const { calls } = await (await harness().world()).open();
      const asked = sampleCall();
      await calls.create(asked, null);
      expect(await calls.create({ ...asked, agentId: 'other' }, null)).toMatchObject({
        outcome: 'replayed',
        call: { agentId: 'demo' },
      });
    });

    it('that nobody created is not there', async () => {
      const { calls } = await (await harness().world()).open();
      const callId = idFor('nobody', null);
      expect(await calls.load(callId)).toBeNull();
      expect(await calls.apply(callId, { type: 'not-found', source: 'hangup', n: 1 })).toBeNull();
      expect(await calls.timeline(callId)).toEqual([]);
    });
  });

  describe('an idempotency key', () => {
    it('returns the first call when it comes again, and writes nothing', async () => {
      const { calls } = await (await harness().world()).open();
      const account = newAccount();
      const first = sampleCall({ account }, 'order-7');
      expect((await calls.create(first, keyed(account, 'order-7'))).outcome).toBe('created');
      await applyAll(calls, first.callId, ordinaryLife(newLeg()).slice(0, 2));
      const again = await calls.create(sampleCall({ account }, 'order-7'), keyed(account, 'order-7'));
      expect(again).toMatchObject({ outcome: 'replayed', call: { callId: first.callId, state: 'placed' } });
      expect((await calls.list({ limit: 10, cursor: null })).calls).toHaveLength(1);
      expect((await calls.load(first.callId))?.version).toBe(3);
    });

    it('is a conflict when it comes with another request', async () => {
      const { calls } = await (await harness().world()).open();
      const account = newAccount();
      await calls.create(sampleCall({ account }, 'k'), keyed(account, 'k', 'one'));
      expect(await calls.create(sampleCall({ account }, 'k'), keyed(account, 'k', 'two'))).toEqual({ outcome: 'conflict' });
      expect((await calls.list({ limit: 10, cursor: null })).calls).toHaveLength(1);
    });

    it('belongs to its account', async () => {
      const { calls } = await (await harness().world()).open();
      for (const account of [newAccount(), newAccount()]) {
        expect((await calls.create(sampleCall({ account }, 'k'), keyed(account, 'k'))).outcome).toBe('created');
      }
    });

    it('makes one call of twenty racing requests', async () => {
      const world = await harness().world();
      const account = newAccount();
      const stores = await Promise.all(Array.from({ length: 20 }, () => world.open()));
      const created = await Promise.all(
        stores.map(({ calls }) => calls.create(sampleCall({ account }, 'k'), keyed(account, 'k'))),
      );
      expect(created.filter(({ outcome }) => outcome === 'created')).toHaveLength(1);
      expect(new Set(created.map((result) => (result.outcome === 'conflict' ? 'conflict' : result.call.callId))).size).toBe(1);
    });

    it('is forgotten after its time', async () => {
      const world = await harness().world({ idempotencyMs: 200 });
      const { calls } = await world.open();
      const account = newAccount();
      await calls.create(sampleCall({ account }, 'k'), keyed(account, 'k'));
      expect(
        await happens(
          world,
          3_000,
          async () => (await calls.create(sampleCall({ account }, 'k'), keyed(account, 'k'))).outcome === 'created',
        ),
      ).toBe(true);
    });

    it('does not accept a call id of another shard', async () => {
      const { calls } = await (await harness().world()).open();
      const account = newAccount();
      const asked = sampleCall({ account }, 'k');
      const elsewhere = Array.from({ length: 100 }, () => idFor(account, null)).find((id) => id[5] !== asked.callId[5])!;
      await expect(calls.create({ ...asked, callId: elsewhere }, keyed(account, 'k'))).rejects.toThrow('another shard');
    });
  });

  describe('an event', () => {
    it('moves the call for every process, at the store’s own time', async () => {
      const world = await harness().world();
      const [one, other] = [await world.open(), await world.open()];
      const callId = await createSample(one.calls);
      const applied = await mustApply(other.calls, callId, { type: 'dial-started', source: 'dialer', n: 1, from: FROM });
      expect(applied).toMatchObject({ verdict: 'moved', call: { state: 'dialing' }, effects: [{ type: 'place-call', n: 1 }] });
      expect((await one.calls.load(callId))?.call).toEqual(JSON.parse(JSON.stringify(applied.call)));
      expect(applied.at).toBeGreaterThanOrEqual(applied.call.createdAt);
    });

    it('that asks for the dial a second time places no second call', async () => {
      const world = await harness().world();
      const callId = await createSample((await world.open()).calls);
      const stores = await Promise.all(Array.from({ length: 10 }, () => world.open()));
      const applied = await Promise.all(
        stores.map(({ calls }) => mustApply(calls, callId, { type: 'dial-started', source: 'dialer', n: 1, from: FROM })),
      );
      expect(applied.flatMap(({ effects }) => effects).filter(({ type }) => type === 'place-call')).toHaveLength(1);
      expect(applied.filter(({ verdict }) => verdict === 'moved')).toHaveLength(1);
    });

    it('of fifty racing connections is never lost: every version is written exactly once', async () => {
      const world = await harness().world({ keptNoNews: 100 });
      const callId = await createSample((await world.open()).calls);
      const stores = await Promise.all(Array.from({ length: 50 }, () => world.open()));
      await Promise.all(
        stores.map(({ calls }, i) => mustApply(calls, callId, { type: 'deadline-passed', source: 'watchdog', deadline: i + 1 })),
      );
      const { calls } = stores[0]!;
      const timeline = await calls.timeline(callId);
      expect(timeline.map(({ version }) => version)).toEqual(Array.from({ length: 51 }, (_, i) => i + 1));
      expect(new Set(timeline.slice(1).map(({ detail }) => detail['deadline'])).size).toBe(50);
      expect((await calls.load(callId))?.version).toBe(51);
    });

    it('that is no news stands on the timeline, up to a number; then it is counted', async () => {
      const { calls } = await (await harness().world({ keptNoNews: 3 })).open();
      const callId = await createSample(calls);
      for (let i = 1; i <= 5; i++) await mustApply(calls, callId, { type: 'deadline-passed', source: 'watchdog', deadline: i });
      expect(await calls.load(callId)).toMatchObject({ version: 4, ignored: 2, call: { state: 'queued' } });
      expect((await calls.timeline(callId)).map(({ verdict }) => verdict)).toEqual(['moved', 'no-news', 'no-news', 'no-news']);
      expect((await mustApply(calls, callId, { type: 'dial-started', source: 'dialer', n: 1, from: FROM })).verdict).toBe(
        'moved',
      );
      expect((await calls.load(callId))?.version).toBe(5);
    });
  });

  describe('a timeline', () => {
    it('is complete and without gaps, also after the end and for what comes later', async () => {
      const { calls } = await (await harness().world()).open();
      const callId = await createSample(calls);
      const life = ordinaryLife(newLeg());
      const applied = await applyAll(calls, callId, life.slice(0, -1));
      const before = await calls.timeline(callId);
      await applyAll(calls, callId, life.slice(-1));
      const after = await calls.timeline(callId);
      expect(after.slice(0, -1)).toEqual(before);
      expect(after.map(({ version }) => version)).toEqual(after.map((_, i) => i + 1));
      expect(after.slice(1).map(({ event }) => event)).toEqual(life.map(({ type }) => type));
      expect(after.slice(1, -1).map(({ state, at }) => ({ state, at }))).toEqual(
        applied.map(({ call, at }) => ({ state: call.state, at })),
      );
      expect(after.at(-1)?.state).toBe('ended');

      await mustApply(calls, callId, { type: 'noted', source: 'gateway', n: 1, recordingMs: 4_200 });
      const late = await calls.timeline(callId);
      expect(late.slice(0, -1)).toEqual(after);
      expect(late.at(-1)).toMatchObject({
        version: after.length + 1,
        event: 'noted',
        state: 'ended',
        detail: { recordingMs: 4_200 },
      });
      expect((await calls.load(callId))?.call).toMatchObject({ state: 'ended', recording: { durationMs: 4_200 } });
    });

    it('carries neither numbers nor words', async () => {
      const { calls } = await (await harness().world()).open();
      const callId = await createSample(calls);
      await applyAll(calls, callId, ordinaryLife(newLeg()));
      const text = JSON.stringify(await calls.timeline(callId));
      expect(text).toContain('"withWords":true');
      for (const secret of [TO, FROM, TO.slice(2), FROM.slice(2), WORDS]) expect(text).not.toContain(secret);
    });
  });
}
