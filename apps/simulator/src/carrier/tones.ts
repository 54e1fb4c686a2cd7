import { encodeMuLaw } from '../speech/mu-law.js';
import { bytesPerMs } from './telephone-audio.js';

/** The tone after which one speaks: 1000 Hz for 300 ms. */
export function beepAudio(): Uint8Array {
  return encodeMuLaw(Int16Array.from({ length: 300 * bytesPerMs }, (_, i) => 8000 * Math.sin((2 * Math.PI * 1000 * i) / 8000)));
}
