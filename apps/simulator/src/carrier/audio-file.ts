import { encodeMuLaw } from '../speech/mu-law.js';
import { resample } from '../speech/resample.js';
import { readWav } from '../speech/wav.js';
import { ulawOfFile } from './telephone-audio.js';

/** Types under which bare µ-law is served, beside those that say nothing. */
const bareTypes = new Set(['', 'application/octet-stream', 'audio/basic', 'audio/pcmu', 'audio/ulaw', 'audio/x-mulaw']);

/**
 * The sound of a file on the telephone: a WAV file with µ-law at 8 kHz or 16-bit PCM at any rate, mono, or bare µ-law.
 * `undefined`: it is none of these (MP3 is not decoded by this simulator).
 *
 * @param contentType without parameters, in small letters
 */
export function ulawOfAudio(file: Uint8Array, contentType: string): Uint8Array | undefined {
  const isWav = Buffer.from(file.buffer, file.byteOffset, Math.min(4, file.byteLength)).toString('latin1') === 'RIFF';
  if (!isWav) return bareTypes.has(contentType) ? file : undefined;
  return ulawOfFile(file) ?? ulawOfPcm(file);
}

function ulawOfPcm(file: Uint8Array): Uint8Array | undefined {
  try {
    const { samples, rateHz } = readWav(file);
    if (rateHz < 4_000 || rateHz > 192_000) return undefined;
    return encodeMuLaw(resample(samples, rateHz, 8_000));
  } catch {
    // Stereo, another sample format, or a file that breaks off: not ours to play.
    return undefined;
  }
}
