import type { Transcript } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { applyAll, createSample, idFor, mustApply, newLeg, ordinaryLife } from './sample-call.js';
import type { Harness } from './world.js';

const transcriptOf = (attempt: number, text: string): Transcript => ({
  v: 1,
  attempt,
  lines: [
    { who: 'agent', text, cleared: 'and more', fromMs: 400, toMs: 2_100 },
    { who: 'callee', text: 'Ja, grüß Gott 👋', fromMs: 2_400, toMs: 3_000 },
    { who: 'agent', text: 'Goodbye.', fromMs: 3_600, toMs: 4_400, latencyMs: 600 },
  ],
  truncated: false,
});

export function transcriptConformance(harness: () => Harness): void {
  describe('transcripts', () => {
    it('come back as they were saved, for every process, and are none where nothing was said', async () => {
      const world = await harness().world();
      const [gateway, api] = [await world.open(), await world.open()];
      const callId = await createSample(api.calls);
      expect(await api.transcripts.load(callId)).toBeNull();
      await gateway.transcripts.save(callId, transcriptOf(1, 'Hello.'));
      expect(await api.transcripts.load(callId)).toEqual(transcriptOf(1, 'Hello.'));
    });

    it('are those of the last attempt, in whatever order they were saved, and the same one again replaces', async () => {
      const world = await harness().world();
      const { calls, transcripts } = await world.open();
      const callId = await createSample(calls);
      await transcripts.save(callId, transcriptOf(2, 'Second.'));
      await transcripts.save(callId, transcriptOf(1, 'First, told late.'));
      expect(await transcripts.load(callId)).toEqual(transcriptOf(2, 'Second.'));
      await transcripts.save(callId, transcriptOf(2, 'Again.'));
      expect(await transcripts.load(callId)).toEqual(transcriptOf(2, 'Again.'));
    });

    it('are not kept for a call that nobody knows, nor for one that was erased', async () => {
      const { calls, transcripts } = await (await harness().world()).open();
      const unknown = idFor('nobody', null);
      await transcripts.save(unknown, transcriptOf(1, 'Hello.'));
      expect(await transcripts.load(unknown)).toBeNull();
      const callId = await createSample(calls);
      await applyAll(calls, callId, ordinaryLife(newLeg()));
      await mustApply(calls, callId, { type: 'erased', source: 'api', to: '#nobody' });
      await transcripts.save(callId, transcriptOf(1, 'Hello.'));
      expect(await transcripts.load(callId)).toBeNull();
    });

    it('can be taken away', async () => {
      const { calls, transcripts } = await (await harness().world()).open();
      const callId = await createSample(calls);
      await transcripts.save(callId, transcriptOf(1, 'Hello.'));
      await transcripts.save(callId, transcriptOf(2, 'Hello again.'));
      expect(await transcripts.loadAll(callId)).toEqual([transcriptOf(1, 'Hello.'), transcriptOf(2, 'Hello again.')]);
      await transcripts.remove(callId);
      await transcripts.remove(callId);
      expect(await transcripts.loadAll(callId)).toEqual([]);
    });
  });
}
