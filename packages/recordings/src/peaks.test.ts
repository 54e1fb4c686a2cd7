import { encodeMuLaw, MU_LAW_SILENCE } from '@onhook/audio';
import { describe, expect, it } from 'vitest';
import { computePeaks, windowOf } from './peaks.js';

async function* inPieces(stereo: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < stereo.length; at += size) yield stereo.subarray(at, at + size);
}

describe('peaks', () => {
  it('are never more than a picture has columns, whatever the length', () => {
    for (const minutes of [0.01, 1, 10, 50, 240]) {
      const frames = minutes * 60 * 8_000;
      const windowMs = windowOf(frames);
      expect(frames / 8 / windowMs).toBeLessThanOrEqual(2_000);
      expect(windowMs % 20).toBe(0);
    }
  });

  it('do not depend on how the audio is cut into pieces', async () => {
    const stereo = Uint8Array.from({ length: 9_000 }, (_, i) => (i * 131) % 256);
    const whole = await computePeaks(inPieces(stereo, 9_000), 4_500);
    for (const size of [1, 7, 320, 4_001]) expect(await computePeaks(inPieces(stereo, size), 4_500)).toEqual(whole);
    expect(whole.callee).toHaveLength(Math.ceil(4_500 / 8 / 20));
  });

  it('tell full scale from silence', async () => {
    const loud = new Uint8Array(640).fill(encodeMuLaw(32_767));
    const quiet = new Uint8Array(640).fill(MU_LAW_SILENCE);
    expect((await computePeaks(inPieces(loud, 640), 320)).agent).toEqual([0.98, 0.98]);
    expect((await computePeaks(inPieces(quiet, 640), 320)).agent).toEqual([0, 0]);
  });
});
