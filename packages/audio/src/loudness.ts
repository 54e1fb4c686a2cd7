import { decodeMuLaw } from './mu-law.js';

/** What a line carries when nobody speaks: comfort noise and hum stay below this. */
export const SPEECH_FLOOR_DBFS = -50;

/**
 * Root mean square of µ-law audio in dB below full scale. Silence and no audio at all are `-Infinity`.
 *
 * @param step look at every `step`-th sample only
 */
export function loudnessDbfs(audio: Uint8Array, step = 1): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < audio.length; i += step) {
    const sample = decodeMuLaw(audio[i]!);
    sum += sample * sample;
    count++;
  }
  return count === 0 ? -Infinity : 10 * Math.log10(sum / count / (32_768 * 32_768));
}
