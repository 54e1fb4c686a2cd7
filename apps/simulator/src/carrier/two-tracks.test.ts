import { describe, expect, it } from 'vitest';
import { readWav } from '../speech/wav.js';
import { silence, toneAudio } from './telephone-audio.js';
import { channelsOf, createTrackRecorder, wavOf } from './two-tracks.js';

const tone = toneAudio('5').subarray(0, 800);
const join = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);
const both = { channels: 2, track: 'both', trim: false } as const;

describe('a recording', () => {
  it('keeps both sides apart, and copies what it is given', () => {
    const recorder = createTrackRecorder();
    const frame = Uint8Array.from({ length: 160 }, () => 1);
    for (let i = 0; i < 4_000; i++) recorder.hear(frame.fill(i % 250), silence(20));
    const { inbound, outbound } = recorder.finish();
    expect([inbound.length, outbound.length]).toEqual([640_000, 640_000]);
    expect([inbound[0], inbound[160], inbound[640_000 - 1]]).toEqual([0, 1, 3_999 % 250]);
  });

  it('is two channels, one side, or both sides mixed', () => {
    const tracks = { inbound: join(tone, silence(100)), outbound: join(silence(100), tone) };
    expect(channelsOf(tracks, both)).toEqual([tracks.inbound, tracks.outbound]);
    expect(channelsOf(tracks, { ...both, track: 'outbound' })).toEqual([tracks.outbound]);
    const [mono, ...none] = channelsOf(tracks, { ...both, channels: 1 });
    expect(none).toEqual([]);
    expect(readWav(wavOf([mono!])).samples).toEqual(readWav(wavOf([join(tone, tone)])).samples);
  });

  it('loses the silence at its ends if asked to, and nothing in between', () => {
    const tracks = { inbound: join(silence(500), tone, silence(900)), outbound: join(silence(800), tone, silence(600)) };
    const [inbound, outbound] = channelsOf(tracks, { ...both, trim: true });
    // The first sample of a tone is a zero: it is silence.
    expect(inbound!.length / 8).toBeCloseTo(400, 0);
    expect(outbound!.length).toBe(inbound!.length);
    expect(channelsOf({ inbound: silence(500), outbound: silence(500) }, { ...both, trim: true })[0]).toHaveLength(0);
  });

  it('is a WAV file of 16-bit PCM at 8 kHz', () => {
    const file = wavOf([tone]);
    expect(file.length).toBe(44 + tone.length * 2);
    expect(readWav(file)).toMatchObject({ rateHz: 8_000 });
    expect(wavOf([tone, silence(100)]).readUInt16LE(22)).toBe(2);
    expect(wavOf([tone, silence(100)]).readUInt32LE(28)).toBe(32_000);
  });
});
