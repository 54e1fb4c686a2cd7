import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMuLaw, encodeMuLaw } from './mu-law.js';
import { createPcmVoice, type PcmRateHz } from './pcm-voice.js';
import { createDownsampler, createUpsampler } from './resampler.js';

const RATES: PcmRateHz[] = [16_000, 24_000];

function tone(hz: number, rateHz: number, count: number, amplitude = 8_000): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz)));
}
/** Without the beginning and the end, where silence is next to the tone. */
function level(samples: Int16Array): number {
  const middle = samples.subarray(samples.length >> 2, (samples.length * 3) >> 2);
  return 10 * Math.log10(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
}
const whole = (resampler: { push(samples: Int16Array): Int16Array; flush(): Int16Array }, samples: Int16Array): Int16Array =>
  Int16Array.of(...resampler.push(samples), ...resampler.flush());
const bytesOf = (samples: Int16Array): Uint8Array => new Uint8Array(samples.buffer.slice(0, samples.byteLength));

describe.each(RATES)('a voice of %i Hz', (rateHz) => {
  const factor = rateHz / 8_000;

  it('sounds on the telephone as it was, up to 3300 Hz, and as long', () => {
    for (const hz of [200, 1_000, 2_000, 3_300]) {
      const spoken = tone(hz, rateHz, rateHz / 2);
      const heard = whole(createDownsampler(factor), spoken);
      expect(heard.length).toBe(4_000);
      expect(Math.abs(level(heard) - level(spoken))).toBeLessThan(0.3);
      // In its place: not a sample later.
      const expected = tone(hz, 8_000, 4_000);
      const off = heard
        .subarray(200, 3_800)
        .reduce((most, sample, i) => Math.max(most, Math.abs(sample - expected[i + 200]!)), 0);
      expect(off).toBeLessThan(300);
    }
  });

  it('brings nothing along of what the telephone has no room for', () => {
    for (const hz of [4_400, 5_000, 7_000]) {
      const spoken = tone(hz, rateHz, rateHz / 2);
      expect(level(spoken) - level(whole(createDownsampler(factor), spoken))).toBeGreaterThan(50);
    }
  });

  it('hears the callee as he was, without the mirror of his voice above', () => {
    const said = tone(1_000, 8_000, 4_000);
    const heard = whole(createUpsampler(factor), said);
    const expected = tone(1_000, rateHz, 4_000 * factor);
    expect(heard.length).toBe(4_000 * factor);
    const off = Int16Array.from(heard, (sample, i) => sample - expected[i]!);
    expect(level(expected) - level(off)).toBeGreaterThan(45);
  });

  it('is the same however it is cut, odd bytes too', () => {
    const speech = Int16Array.from({ length: 3_000 }, (_, i) => (i * 7_919) % 20_011);
    const pcm = bytesOf(speech);
    const one = createPcmVoice(rateHz);
    const expected = Buffer.concat([one.toMuLaw(pcm), one.endOfSpeech()]);
    expect(expected.length).toBe(Math.ceil(speech.length / factor));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: pcm.length }), { maxLength: 12 }), (cuts) => {
        const voice = createPcmVoice(rateHz);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), pcm.length];
        const pieces = edges.slice(1).map((to, i) => voice.toMuLaw(pcm.subarray(edges[i], to)));
        return Buffer.concat([...pieces, voice.endOfSpeech()]).equals(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('hears the same however it is cut', () => {
    const said = Uint8Array.from({ length: 1_600 }, (_, i) => (i * 37) % 256);
    const expected = createPcmVoice(rateHz).toPcm(said);
    expect(expected.length).toBe((1_600 - 18) * factor * 2);
    const voice = createPcmVoice(rateHz);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < said.length; at += 161) pieces.push(voice.toPcm(said.subarray(at, at + 161)));
    expect(Buffer.concat(pieces).equals(Buffer.from(expected))).toBe(true);
  });

  it('begins each speech anew, and never grows it by a sample', () => {
    const voice = createPcmVoice(rateHz);
    const speech = bytesOf(tone(500, rateHz, 100 * factor));
    const first = Buffer.concat([voice.toMuLaw(speech), voice.endOfSpeech()]);
    const second = Buffer.concat([voice.toMuLaw(speech), voice.endOfSpeech()]);
    expect(first.length).toBe(100);
    expect(second.equals(first)).toBe(true);
    expect(voice.endOfSpeech().length).toBe(0);
    expect(voice.waitsMs).toBe(2.25);
  });

  it('goes there and back nearly as it was', () => {
    const said = Uint8Array.from(tone(700, 8_000, 4_000), encodeMuLaw);
    const voice = createPcmVoice(rateHz);
    const back = Buffer.concat([voice.toMuLaw(voice.toPcm(said)), voice.endOfSpeech()]);
    const before = Int16Array.from(said.subarray(0, back.length), decodeMuLaw);
    const off = Int16Array.from(back, (code, i) => decodeMuLaw(code) - before[i]!);
    expect(level(before) - level(off)).toBeGreaterThan(30);
  });
});
