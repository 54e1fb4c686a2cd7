import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loudnessDbfs, readMuLawWav } from '@onhook/audio';
import type { LedgerEntry } from '@onhook/simulator';
import { openTestHouse, type TestHouse } from '../house.js';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse({ env: { OPENAI_AUDIO: 'pcm' } });
});
afterAll(() => house.close());

it('a provider of linear PCM understands, is heard, and says goodbye to the end', async () => {
  const { id } = await house.placeCall({ to: '+14155557001', agentId: 'short' });
  const call = await house.until(id, ['ended'], 60_000);
  expect(call).toMatchObject({ cause: 'agent-ended-call', goodbye: 'played' });
  const entries = (kind: string): LedgerEntry[] => house.simulator.entries({ call: id, kind });
  // The simulator knows lines by their bytes, which a filter changes: what the agent heard it knows again by its sound …
  expect(entries('agent-heard').length).toBeGreaterThan(0);
  // … and what the callee heard stands in the recording.
  const [callee, agent] = readMuLawWav(readFileSync(path.join(house.recordingsDir, `${id}-1.wav`)))!.channels;
  expect(loudnessDbfs(agent!)).toBeGreaterThan(-35);
  expect(loudnessDbfs(agent!) - loudnessDbfs(callee!)).toBeGreaterThan(-15);
});
