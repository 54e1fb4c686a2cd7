import type { Transcript } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { applyAll, createSample, mustApply, newLeg, ordinaryLife } from './sample-call.js';
import { happens, type Harness, type OpenStore, type World } from './world.js';

const ASK = { limit: 100, holdMs: 60_000 };
const words: Transcript = { v: 1, attempt: 1, lines: [{ who: 'agent', text: 'Hello.', fromMs: 0, toMs: 900 }], truncated: false };

export function retentionConformance(harness: () => Harness): void {
  async function ended(store: OpenStore) {
    const callId = await createSample(store.calls);
    const leg = newLeg();
    await applyAll(store.calls, callId, ordinaryLife(leg));
    await store.transcripts.save(callId, words);
    return { callId, leg };
  }
  const due = (world: World, ask: () => Promise<readonly unknown[]>): Promise<boolean> =>
    happens(world, 3_000, async () => (await ask()).length > 0);

  describe('an ended call and the archive', () => {
    it('is asked for once it has settled, by one asker, with all there is of it', async () => {
      const world = await harness().world({ archiveAfterMs: 300 });
      const [one, other] = [await world.open(), await world.open()];
      const living = await createSample(one.calls);
      const { callId } = await ended(one);
      expect(await one.retention.toArchive(ASK)).toEqual([]);
      expect(await one.retention.backlog()).toBe(1);
      const claimed: string[] = [];
      expect(await due(world, async () => (claimed.push(...(await one.retention.toArchive(ASK))), claimed))).toBe(true);
      expect(claimed).toEqual([callId]);
      expect(await other.retention.toArchive(ASK)).toEqual([]);
      const finished = await other.retention.load(callId);
      expect(finished).toMatchObject({ call: { callId, state: 'ended' }, transcripts: [words] });
      expect(finished!.timeline.map(({ event }) => event)).toContain('settled');
      expect(await one.retention.load(living)).toBeNull();
      expect(await one.retention.archived(callId, finished!.mark)).toBe(true);
      expect(await one.retention.backlog()).toBe(0);
    });

    it('is asked for again if it was not archived in time, or has changed since', async () => {
      const world = await harness().world({ archiveAfterMs: 0 });
      const { calls, retention, transcripts } = await world.open();
      const { callId } = await ended({ calls, retention, transcripts } as OpenStore);
      const short = { limit: 100, holdMs: 100 };
      expect(await due(world, () => retention.toArchive(short))).toBe(true);
      expect(await due(world, () => retention.toArchive(short))).toBe(true);
      const before = (await retention.load(callId))!;
      await mustApply(calls, callId, { type: 'noted', source: 'gateway', n: 1, recordingMs: 900 });
      expect(await retention.archived(callId, before.mark)).toBe(false);
      expect(await due(world, () => retention.toArchive(short))).toBe(true);
      expect((await retention.load(callId))!.call.recording).toEqual({ durationMs: 900 });
    });
  });

  describe('an ended call and the retention', () => {
    it('expires when it is over, and is not forgotten before the archive has it as it is', async () => {
      const world = await harness().world({ archiveAfterMs: 0 });
      const store = await world.open();
      const { calls, retention } = store;
      const living = await createSample(calls);
      const { callId } = await ended(store);
      expect(await retention.expired({ ...ASK, retentionMs: 60_000 })).toEqual([]);
      const expired: Awaited<ReturnType<typeof retention.expired>> = [];
      expect(
        await due(world, async () => (expired.push(...(await retention.expired({ ...ASK, retentionMs: 200 }))), expired)),
      ).toBe(true);
      const finished = (await retention.load(callId))!;
      expect(expired).toEqual([{ callId, createdAt: finished.call.createdAt }]);
      expect(await retention.expired({ ...ASK, retentionMs: 200 })).toEqual([]);
      expect(finished.isArchived).toBe(false);
      expect(await retention.forget(expired[0]!, finished)).toBe('unarchived');
      await retention.archived(callId, finished.mark);
      expect((await retention.load(callId))!.isArchived).toBe(true);
      expect(await retention.forget(expired[0]!, { ...finished, mark: 'another' })).toBe('changed');
      expect(await retention.forget(expired[0]!, null)).toBe('changed');
      expect((await calls.load(callId))?.call.state).toBe('ended');
      expect(await retention.forget(expired[0]!, finished)).toBe('forgotten');
      expect(await calls.load(callId)).toBeNull();
      expect(await calls.timeline(callId)).toEqual([]);
      expect(await store.transcripts.load(callId)).toBeNull();
      expect((await calls.list({ limit: 10, cursor: null })).calls.map((call) => call.callId)).toEqual([living]);
      expect(await retention.load(callId)).toBeNull();
      // Once more: whoever did it may have died before it could say so.
      expect(await retention.forget(expired[0]!, null)).toBe('forgotten');
    });

    it('takes its leg out of the memory of legs', async () => {
      const world = await harness().world({ archiveAfterMs: 0 });
      const store = await world.open();
      const { callId, leg } = await ended(store);
      expect(await store.calls.findBySid(leg.sid)).toBe(callId);
      const finished = (await store.retention.load(callId))!;
      await store.retention.archived(callId, finished.mark);
      await store.retention.forget({ callId, createdAt: finished.call.createdAt }, finished);
      expect(await store.calls.findBySid(leg.sid)).toBeNull();
    });
  });
}
