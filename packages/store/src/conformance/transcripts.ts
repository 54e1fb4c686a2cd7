import type { Transcript } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { idFor } from './sample-call.js';
import { happens, type Harness } from './world.js';

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
      const callId = idFor('any', null);
      expect(await api.transcripts.load(callId)).toBeNull();
      await gateway.transcripts.save(callId, transcriptOf(1, 'Hello.'));
      expect(await api.transcripts.load(callId)).toEqual(transcriptOf(1, 'Hello.'));
    });

    it('are those of the last attempt, in whatever order they were saved, and the same one again replaces', async () => {
      const world = await harness().world();
      const { transcripts } = await world.open();
      const callId = idFor('any', null);
      await transcripts.save(callId, transcriptOf(2, 'Second.'));
      await transcripts.save(callId, transcriptOf(1, 'First, told late.'));
      expect(await transcripts.load(callId)).toEqual(transcriptOf(2, 'Second.'));
      await transcripts.save(callId, transcriptOf(2, 'Again.'));
      expect(await transcripts.load(callId)).toEqual(transcriptOf(2, 'Again.'));
    });

    it('are kept no longer than an ended call is', async () => {
      const world = await harness().world({ retentionMs: 200 });
      const { transcripts } = await world.open();
      const callId = idFor('any', null);
      await transcripts.save(callId, transcriptOf(1, 'Hello.'));
      expect(await happens(world, 3_000, async () => (await transcripts.load(callId)) === null)).toBe(true);
    });
  });
}
