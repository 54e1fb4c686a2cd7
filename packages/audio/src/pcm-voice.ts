import { audioBytes, type MuLawAudio } from './encoded-audio.js';
import { decodeMuLaw, encodeMuLaw, MU_LAW_RATE_HZ } from './mu-law.js';
import { createDownsampler, createUpsampler } from './resampler.js';

/** 16-bit linear samples, little end first, mono. */
export type PcmRateHz = 16_000 | 24_000;

/** Both ways between the telephone and a voice that speaks linear PCM. One for each conversation: the filters remember. */
export interface PcmVoice {
  toPcm(audio: MuLawAudio): Uint8Array;
  /** Bytes in pieces of any length, odd ones too. */
  toMuLaw(pcm: MuLawAudio): Uint8Array;
  /** What was spoken is complete: its last samples, or none. As long as what came in, to the sample. */
  endOfSpeech(): Uint8Array;
  /** So long a sample waits in the filter, each way, in milliseconds. */
  readonly waitsMs: number;
}

export function createPcmVoice(rateHz: PcmRateHz): PcmVoice {
  const factor = rateHz / MU_LAW_RATE_HZ;
  const up = createUpsampler(factor);
  const down = createDownsampler(factor);
  /** The first half of a sample whose second half has not come. */
  let half: number | null = null;

  function samplesOf(bytes: Uint8Array): Int16Array {
    const lead = half === null ? 0 : 1;
    const samples = new Int16Array((bytes.length + lead) >> 1);
    let at = 0;
    let i = 0;
    if (half !== null && bytes.length > 0) {
      samples[i++] = half | (bytes[at++]! << 8);
      half = null;
    }
    for (; at + 1 < bytes.length; at += 2) samples[i++] = bytes[at]! | (bytes[at + 1]! << 8);
    if (at < bytes.length) half = bytes[at]!;
    return samples;
  }

  return {
    waitsMs: up.waitsMs,
    toPcm(audio) {
      const samples = up.push(Int16Array.from(audioBytes(audio), decodeMuLaw));
      const pcm = new Uint8Array(samples.length * 2);
      samples.forEach((sample, i) => {
        pcm[i * 2] = sample;
        pcm[i * 2 + 1] = sample >> 8;
      });
      return pcm;
    },
    toMuLaw: (pcm) => Uint8Array.from(down.push(samplesOf(audioBytes(pcm))), encodeMuLaw),
    endOfSpeech() {
      half = null;
      return Uint8Array.from(down.flush(), encodeMuLaw);
    },
  };
}
