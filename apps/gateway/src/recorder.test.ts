import { MU_LAW_SILENCE, readMuLawWav, muLawWavHeader } from '@onhook/audio';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecorder } from './recorder.js';
import type { RecordingWriter } from '@onhook/recordings';

/** Bytes that are nowhere silent, and differ from call to call. */
const sound = (bytes: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + seed * 31) % 251);

function memoryWriter(
  takes: (written: number) => boolean = () => true,
): RecordingWriter & { wav(): { left: Uint8Array; right: Uint8Array } } {
  const pieces: Uint8Array[] = [];
  let frames = 0;
  return {
    write(piece) {
      if (!takes(frames)) return false;
      pieces.push(piece);
      frames += piece.length / 2;
      return true;
    },
    finish: async () => ({ frames }),
    wav() {
      const [left, right] = readMuLawWav(Buffer.concat([muLawWavHeader({ channels: 2, frames }), ...pieces]))!.channels;
      return { left: left!, right: right! };
    },
  };
}

/** A callee who is heard without a gap from 0 to `untilMs`. */
function calleeFrames(untilMs: number): { audio: Uint8Array; timestampMs: number; atMs: number }[] {
  return Array.from({ length: untilMs / 20 }, (_, i) => ({
    audio: sound(160, i),
    timestampMs: 155 + i * 20,
    atMs: (i + 1) * 20,
  }));
}

describe('the recorder', () => {
  it('keeps the callee left and the agent right, bit by bit, the agent from the moment of sending', async () => {
    const writer = memoryWriter();
    const recorder = createRecorder(writer);
    const speech = sound(3_000, 99);
    for (const frame of calleeFrames(2_000)) {
      recorder.callee(frame.audio, frame.timestampMs, frame.atMs);
      if (frame.atMs === 500) recorder.agent(speech, 500);
    }
    expect(await recorder.finish(2_000)).toEqual({ durationMs: 2_000, lostMs: 0 });
    const { left, right } = writer.wav();
    expect(Buffer.from(left).equals(Buffer.concat(calleeFrames(2_000).map((f) => f.audio)))).toBe(true);
    expect(Buffer.from(right.subarray(4_000, 7_000)).equals(Buffer.from(speech))).toBe(true);
    expect(right.subarray(0, 4_000).every((byte) => byte === MU_LAW_SILENCE)).toBe(true);
    expect(right.subarray(7_000).every((byte) => byte === MU_LAW_SILENCE)).toBe(true);
  });

  it('queues agent audio that comes faster than it plays, without a seam', async () => {
    const writer = memoryWriter();
    const recorder = createRecorder(writer);
    const parts = [sound(900, 1), sound(1_234, 2), sound(77, 3), sound(2_000, 4)];
    parts.forEach((part, i) => recorder.agent(part, 100 + i * 3));
    await recorder.finish(1_000);
    const all = Buffer.concat(parts);
    expect(Buffer.from(writer.wav().right.subarray(800, 800 + all.length)).equals(all)).toBe(true);
  });

  it('takes back what a clear made unheard, and goes on from there', async () => {
    const writer = memoryWriter();
    const recorder = createRecorder(writer);
    const first = sound(16_000, 1);
    const second = sound(800, 2);
    recorder.agent(first, 0);
    recorder.cleared(700);
    recorder.agent(second, 900);
    await recorder.finish(1_500);
    const { right } = writer.wav();
    expect(Buffer.from(right.subarray(0, 5_600)).equals(Buffer.from(first.subarray(0, 5_600)))).toBe(true);
    expect(right.subarray(5_600, 7_200).every((byte) => byte === MU_LAW_SILENCE)).toBe(true);
    expect(Buffer.from(right.subarray(7_200, 8_000)).equals(Buffer.from(second))).toBe(true);
  });

  it('leaves out what was queued but never played when the call ended', async () => {
    const writer = memoryWriter();
    const recorder = createRecorder(writer);
    recorder.agent(sound(80_000, 1), 0);
    expect(await recorder.finish(1_000)).toMatchObject({ durationMs: 1_000 });
    expect(writer.wav().right).toHaveLength(8_000);
  });

  it('fills what the carrier did not deliver with silence, by its timestamps, and takes jitter for none', async () => {
    const writer = memoryWriter();
    const recorder = createRecorder(writer);
    recorder.callee(sound(160, 1), 155, 20);
    recorder.callee(sound(160, 2), 181, 46); // 6 ms of jitter
    recorder.callee(sound(160, 3), 675, 540); // 480 ms are missing
    recorder.callee(sound(160, 4), 9_999_999, 560); // nonsense: right behind the last
    recorder.callee(sound(160, 5), NaN, 580);
    await recorder.finish(580);
    const { left } = writer.wav();
    expect(Buffer.from(left.subarray(160, 320)).equals(Buffer.from(sound(160, 2)))).toBe(true);
    expect(left.subarray(320, 520 * 8).every((byte) => byte === MU_LAW_SILENCE)).toBe(true);
    expect(Buffer.from(left.subarray(520 * 8)).equals(Buffer.concat([sound(160, 3), sound(160, 4), sound(160, 5)]))).toBe(true);
  });

  it('keeps everything in its place when frames come in bursts of up to 800 ms', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 120, maxLength: 120 }), async (bursts) => {
        const writer = memoryWriter();
        const recorder = createRecorder(writer);
        const frames = calleeFrames(2_400);
        const waiting = [...frames];
        let sent = 0;
        for (const burst of [1, ...bursts]) {
          const due = waiting.splice(0, burst);
          sent += due.length;
          for (const frame of due) recorder.callee(frame.audio, frame.timestampMs, sent * 20);
        }
        await recorder.finish(2_400);
        expect(Buffer.from(writer.wav().left.subarray(0, 2_400 * 8)).equals(Buffer.concat(frames.map((f) => f.audio)))).toBe(
          true,
        );
      }),
      { numRuns: 20 },
    );
  });

  it('puts silence of the same length where the disk took nothing, so that the rest stays in its place', async () => {
    let refusals = 2;
    const writer = memoryWriter((written) => written < 4_000 || refusals-- <= 0);
    const recorder = createRecorder(writer);
    for (const frame of calleeFrames(4_000)) recorder.callee(frame.audio, frame.timestampMs, frame.atMs);
    const end = await recorder.finish(4_000);
    expect(end!.durationMs).toBe(4_000);
    expect(end!.lostMs).toBeGreaterThanOrEqual(500);
    const { left } = writer.wav();
    const whole = Buffer.concat(calleeFrames(4_000).map((f) => f.audio));
    expect(Buffer.from(left.subarray(-8_000)).equals(whole.subarray(-8_000))).toBe(true);
    expect(Buffer.from(left.subarray(0, 4_000)).equals(whole.subarray(0, 4_000))).toBe(true);
  });
});
