import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readMuLawWav } from '@onhook/audio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from '../house.js';

const archiveDir = mkdtempSync(path.join(tmpdir(), 'onhook-archive-'));
let house: TestHouse;
beforeAll(async () => {
  // How busy this machine is, is not what is tested.
  house = await openTestHouse({
    env: { ARCHIVE_DIR: archiveDir, KEEP_EVERY_MS: '500', MAX_LOOP_LAG_MS: '5000', MAX_LOOP_UTILISATION_PERCENT: '100' },
  });
});
afterAll(async () => {
  await house?.close();
  rmSync(archiveDir, { recursive: true, force: true });
});

const archived = (): Record<string, unknown>[] =>
  readdirSync(archiveDir)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(path.join(archiveDir, name), 'utf8').split('\n'))
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('what is kept of a call', () => {
  it('can be heard and read, is archived, and is gone when somebody asks for that', async () => {
    const { id } = await house.placeCall({ to: '+14155550301', agentId: 'short', metadata: { note: 'canary' } });
    await house.until(id, ['ended'], 90_000);
    await expect.poll(async () => (await house.readCall(id)).recording.status, { timeout: 30_000 }).toBe('ready');

    const get = (what: string, accept = '*/*'): Promise<Response> =>
      house.api(`/v1/calls/${id}/${what}`, { headers: { accept } });
    const stereo = readMuLawWav(new Uint8Array(await (await get('recording')).arrayBuffer()))!;
    const agent = readMuLawWav(new Uint8Array(await (await get('recording?channel=agent')).arrayBuffer()))!;
    expect(Buffer.from(agent.channels[0]!).equals(Buffer.from(stereo.channels[1]!))).toBe(true);
    const peaks = (await (await get('peaks')).json()) as { callee: number[]; agent: number[] };
    expect(Math.max(...peaks.agent)).toBeGreaterThan(0.05);
    expect(await (await get('transcript', 'text/plain')).text()).toMatch(/^\[\d\d:\d\d\.\d{3}\] agent: \w/);
    expect(await (await get('transcript', 'text/vtt')).text()).toMatch(/^WEBVTT\n\n\d\d:/);

    // Archived thirty seconds after its last change.
    await expect
      .poll(() => archived().filter(({ callId }) => callId === id).length, { timeout: 90_000, interval: 500 })
      .toBeGreaterThan(0);
    const line = archived().findLast(({ callId }) => callId === id);
    expect(line).toMatchObject({ v: 1, disposition: 'completed', recordings: [{ attempt: 1 }] });
    // The house has a DATA_KEY.
    expect(typeof line!['sealed']).toBe('string');

    // An empty body of no type, as a client's DELETE is.
    expect((await house.api(`/v1/calls/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(archived().filter(({ callId }) => callId === id)).toEqual([{ callId: id, erased: true }]);
    expect(readdirSync(house.recordingsDir).filter((name) => name.includes(id))).toEqual([]);
    for (const what of ['recording', 'peaks', 'transcript']) expect((await get(what)).status).toBe(410);
    const left = await house.readCall(id);
    expect(left).toMatchObject({ status: 'ended', metadata: {}, to: expect.stringMatching(/^#[\w-]{16}$/) as string });
  });
});
