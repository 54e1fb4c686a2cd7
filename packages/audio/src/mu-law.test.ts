import { describe, expect, it } from 'vitest';
import { decodeMuLaw, encodeMuLaw, loudnessDbfs, MU_LAW_SILENCE, silence, SPEECH_FLOOR_DBFS } from './index.js';

describe('µ-law', () => {
  // Golden vectors of ITU-T G.711: code → linear sample (16 bit).
  const golden: [number, number][] = [
    [0xff, 0],
    [0x7f, 0],
    [0x80, 32_124],
    [0x00, -32_124],
    [0x8f, 16_764],
    [0x0f, -16_764],
    [0x9f, 8_316],
    [0xaf, 4_092],
    [0xbf, 1_980],
    [0xcf, 924],
    [0xdf, 396],
    [0xef, 132],
    [0x6f, -132],
    [0xfe, 8],
    [0x7e, -8],
    [0xf0, 120],
  ];
  it.each(golden)('decodes 0x%s as G.711 says', (code, sample) => {
    expect(decodeMuLaw(code) + 0).toBe(sample);
  });

  it('gives every code back after decoding and encoding; the negative zero becomes the positive one', () => {
    for (let code = 0; code < 256; code++) expect(encodeMuLaw(decodeMuLaw(code))).toBe(code === 0x7f ? 0xff : code);
  });

  it('encodes to within half a step of the sample: at most a thirty-second of its size', () => {
    for (let sample = -32_635; sample <= 32_635; sample += 7) {
      expect(Math.abs(decodeMuLaw(encodeMuLaw(sample)) - sample)).toBeLessThanOrEqual((Math.abs(sample) + 132) / 32);
    }
  });

  it('clips what is too loud and rounds what is not whole', () => {
    expect(encodeMuLaw(1e9)).toBe(0x80);
    expect(encodeMuLaw(-1e9)).toBe(0x00);
    expect(encodeMuLaw(0.4)).toBe(MU_LAW_SILENCE);
  });
});

describe('loudness', () => {
  it('calls silence silent, both codes of it, and no audio too', () => {
    expect(loudnessDbfs(silence(160))).toBe(-Infinity);
    expect(loudnessDbfs(new Uint8Array(160).fill(0x7f))).toBe(-Infinity);
    expect(loudnessDbfs(new Uint8Array(0))).toBe(-Infinity);
  });

  it('measures a full-scale sine at -3 dB and a whisper below the floor of speech', () => {
    const tone = (amplitude: number): Uint8Array =>
      Uint8Array.from({ length: 800 }, (_, i) => encodeMuLaw(amplitude * Math.sin((i * Math.PI) / 8)));
    expect(loudnessDbfs(tone(32_000))).toBeCloseTo(-3.2, 0);
    expect(loudnessDbfs(tone(32_000), 3)).toBeCloseTo(-3.2, 0);
    expect(loudnessDbfs(tone(40))).toBeLessThan(SPEECH_FLOOR_DBFS);
  });
});
