import { decodeBase64 } from './base64.js';

/**
 * Audio in base64, where it lies in somebody else's buffer: true only until the call that hands it over returns. What came as
 * base64 and leaves as base64 need not be decoded in between.
 */
export interface EncodedAudio {
  /** Canonical base64 from `from` to before `to`. */
  readonly text: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Of the audio, in bytes. */
  readonly length: number;
}

export type MuLawAudio = Uint8Array | EncodedAudio;

/** Bytes that may be kept: a copy of what was encoded, and what was not as it is. */
export function audioBytes(audio: MuLawAudio): Uint8Array {
  if (audio instanceof Uint8Array) return audio;
  const bytes = new Uint8Array(audio.length);
  decodeBase64(audio.text, audio.from, audio.to, bytes);
  return bytes;
}
