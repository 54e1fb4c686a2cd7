import { SILENCE, BYTES_PER_MS, linearOf } from './mu-law.js';

/** Below this (−46 dB of full scale) a sample is no speech. */
const QUIET = 160;

/**
 * Cuts the silence before and after speech down to `keepMs`, and fills up to a whole millisecond.
 * Nothing is left of a sound that is silent throughout.
 */
export function trimSilence(ulaw: Uint8Array, keepMs: number): Uint8Array {
  const isLoud = (byte: number): boolean => Math.abs(linearOf[byte]!) > QUIET;
  const first = ulaw.findIndex(isLoud);
  if (first < 0) return new Uint8Array(0);
  const start = Math.max(0, first - keepMs * BYTES_PER_MS);
  const end = Math.min(ulaw.length, ulaw.findLastIndex(isLoud) + 1 + keepMs * BYTES_PER_MS);
  const trimmed = new Uint8Array(Math.ceil((end - start) / BYTES_PER_MS) * BYTES_PER_MS).fill(SILENCE);
  trimmed.set(ulaw.subarray(start, end));
  return trimmed;
}
