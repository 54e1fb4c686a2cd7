import { describe, expect, it } from 'vitest';
import { createRecorder } from './recorder.js';
import { silentFrame } from './telephone-audio.js';

const loud = new Uint8Array(160).fill(0x20);
const say = (recorder: ReturnType<typeof createRecorder>, frames: string): void => {
  for (const frame of frames) recorder.pass(frame === 'x' ? loud : silentFrame);
};

describe('a recorder', () => {
  it('is finished by silence after the last word, and trims it away', async () => {
    const recorder = createRecorder({ silenceMs: 60, maxLengthMs: 10_000 });
    say(recorder, '..xx.x...');
    expect(await recorder.finished).toBe('silence');
    expect(recorder.audio(true)).toHaveLength(4 * 160);
    expect(recorder.audio(false)).toHaveLength(9 * 160);
  });

  it('is finished by its longest length, and takes no more', async () => {
    const recorder = createRecorder({ silenceMs: 1_000, maxLengthMs: 100 });
    say(recorder, 'xxxxxxxx');
    expect(await recorder.finished).toBe('max-length');
    expect(recorder.audio(true)).toHaveLength(5 * 160);
  });

  it('has recorded nothing when nobody spoke', async () => {
    const recorder = createRecorder({ silenceMs: 40, maxLengthMs: 10_000 });
    say(recorder, '..');
    expect(await recorder.finished).toBe('silence');
    expect(recorder.audio(false)).toHaveLength(0);
  });

  it('keeps what was said although the line writes into its frame again', () => {
    const frame = new Uint8Array(160).fill(0x20);
    const recorder = createRecorder({ silenceMs: 1_000, maxLengthMs: 10_000 });
    recorder.pass(frame);
    frame.fill(0xff);
    expect(recorder.audio(true)).toEqual(Buffer.alloc(160, 0x20));
  });
});
