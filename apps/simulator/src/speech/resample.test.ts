import { describe, expect, it } from 'vitest';
import { resample } from './resample.js';

const tone = (hz: number, rate: number, seconds = 0.5): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, i) => Math.round(12_000 * Math.sin((2 * Math.PI * hz * i) / rate)));

/** Loudness of the middle (the ends ring), in dB against the tone above. */
function loudnessDb(samples: Int16Array): number {
  const middle = samples.subarray(200, samples.length - 200);
  const power = middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length;
  return 10 * Math.log10(power / (12_000 ** 2 / 2));
}

describe('resample', () => {
  it('keeps what a telephone can carry', () => {
    for (const hz of [200, 1000, 2500, 3300])
      expect(Math.abs(loudnessDb(resample(tone(hz, 16_000), 16_000, 8000)))).toBeLessThan(0.1);
  });

  it('does not fold back what it cannot carry', () => {
    for (const hz of [4400, 5000, 7000]) expect(loudnessDb(resample(tone(hz, 16_000), 16_000, 8000))).toBeLessThan(-60);
  });

  it('gives the right number of samples at any ratio', () => {
    expect(resample(tone(500, 22_050), 22_050, 8000).length).toBe(4000);
    expect(resample(tone(500, 8000), 8000, 16_000).length).toBe(8000);
    expect(Math.abs(loudnessDb(resample(tone(500, 22_050), 22_050, 8000)))).toBeLessThan(0.1);
  });
});
