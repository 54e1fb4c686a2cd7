import { encodeMuLaw, MU_LAW_SILENCE, muLawWavHeader, readMuLawWav, WAV_HEADER_BYTES } from '@onhook/audio';
import { newCallId, type CallId } from '@onhook/contracts';
import { systemChance } from '@onhook/service';
import { describe, expect, it } from 'vitest';
import { oneSide } from '../one-side.js';
import type { Recording, Recordings } from '../port.js';

const fresh = (): CallId => newCallId('a', systemChance.uuidv7());
/** Bytes that are nowhere silent. */
const sound = (bytes: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + seed * 31) % 251);

/** What everyone who keeps recordings must do. */
export function recordingsConformance(name: string, make: () => Promise<Recordings> | Recordings): void {
  async function kept(recordings: Recordings, callId: CallId, attempt: number, stereo: Uint8Array): Promise<void> {
    const writer = recordings.open(callId, attempt);
    for (let at = 0; at < stereo.length; at += 1_000) writer.write(stereo.subarray(at, at + 1_000));
    expect(await writer.finish()).toEqual({ frames: stereo.length / 2 });
  }

  describe(name, () => {
    it('gives back what was written, and any part of it, and nothing before it is finished', async () => {
      const recordings = await make();
      const callId = fresh();
      const stereo = sound(70_000, 1);
      expect(await recordings.find(callId, 1)).toBeNull();
      const unfinished = recordings.open(callId, 1);
      unfinished.write(stereo);
      expect(await recordings.find(callId, 1)).toBeNull();
      await unfinished.finish();
      const found = await recordings.find(callId, 1);
      const file = Buffer.concat([muLawWavHeader({ channels: 2, frames: 35_000 }), stereo]);
      expect(found).toMatchObject({ bytes: file.length, frames: 35_000 });
      expect((await bytesOf(found!)).equals(file)).toBe(true);
      for (const [from, until] of [
        [0, 1],
        [50, 70],
        [WAV_HEADER_BYTES, WAV_HEADER_BYTES + 1],
        [69_999, file.length],
        [10, 10],
      ] as const) {
        expect((await bytesOf(found!, from, until)).equals(file.subarray(from, until))).toBe(true);
      }
    });

    it('keeps none of a call without sound', async () => {
      const recordings = await make();
      const callId = fresh();
      expect(await recordings.open(callId, 1).finish()).toBeNull();
      expect(await recordings.find(callId, 1)).toBeNull();
      expect(await recordings.peaks(callId, 1)).toBeNull();
    });

    it('lets each side be heard alone, in any part', async () => {
      const recordings = await make();
      const callId = fresh();
      const stereo = sound(4_002, 2);
      await kept(recordings, callId, 1, stereo);
      const found = (await recordings.find(callId, 1))!;
      for (const [side, parity] of [
        ['callee', 0],
        ['agent', 1],
      ] as const) {
        const mono = oneSide(found, side);
        const file = await bytesOf(mono);
        expect(file).toHaveLength(mono.bytes);
        const expected = stereo.filter((_, i) => i % 2 === parity);
        expect(Buffer.from(readMuLawWav(file)!.channels[0]!).equals(Buffer.from(expected))).toBe(true);
        for (const [from, until] of [
          [0, 58],
          [57, 60],
          [100, 101],
          [777, 1_999],
          [mono.bytes - 1, mono.bytes],
        ] as const) {
          expect((await bytesOf(mono, from, until)).equals(file.subarray(from, until))).toBe(true);
        }
      }
    });

    it('draws each side: the loudest sample of each window, the same at every asking', async () => {
      const recordings = await make();
      const callId = fresh();
      const stereo = new Uint8Array(16 * 100).fill(MU_LAW_SILENCE); // 100 ms
      stereo[2 * 8 * 25] = encodeMuLaw(-16_384); // the callee at 25 ms
      stereo[2 * 8 * 99 + 1] = encodeMuLaw(8_192); // the agent at 99 ms
      await kept(recordings, callId, 1, stereo);
      const peaks = await recordings.peaks(callId, 1);
      expect(peaks).toEqual({
        durationMs: 100,
        windowMs: 20,
        callee: [0, expect.closeTo(0.5, 1), 0, 0, 0],
        agent: [0, 0, 0, 0, expect.closeTo(0.25, 1)],
      });
      expect(await recordings.peaks(callId, 1)).toEqual(peaks);
    });

    it('removes every attempt of a call, with all that came of it, and no other call’s', async () => {
      const recordings = await make();
      const [callId, other] = [fresh(), fresh()];
      await kept(recordings, callId, 1, sound(200, 1));
      await kept(recordings, callId, 2, sound(200, 2));
      await kept(recordings, other, 1, sound(200, 3));
      await recordings.peaks(callId, 1);
      expect(await recordings.remove(callId)).toBe(2);
      for (const attempt of [1, 2]) {
        expect(await recordings.find(callId, attempt)).toBeNull();
        expect(await recordings.peaks(callId, attempt)).toBeNull();
      }
      expect(await recordings.find(other, 1)).not.toBeNull();
      expect(await recordings.remove(callId)).toBe(0);
    });
  });
}

async function bytesOf(recording: Recording, from = 0, until = recording.bytes): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of recording.read(from, until)) pieces.push(piece);
  return Buffer.concat(pieces);
}
