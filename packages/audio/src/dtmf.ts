import { encodeMuLaw, MU_LAW_BYTES_PER_MS, MU_LAW_RATE_HZ, silence } from './mu-law.js';

/** ITU-T Q.23: each key is the sum of one low and one high tone, in hertz. */
const LOW_HZ = [697, 770, 852, 941] as const;
const HIGH_HZ = [1_209, 1_336, 1_477, 1_633] as const;
const KEYPAD = ['123A', '456B', '789C', '*0#D'] as const;

/** ITU-T Q.24: a receiver must take tones and gaps of 40 ms; twice that and more survives codecs and jitter. */
const TONE_MS = 120;
const GAP_MS = 80;
const PAUSE_MS: Readonly<Record<string, number>> = { w: 500, W: 1_000 };
/** Each of the two tones, of a full scale of 32 767: −10 dBm0 and −8 dBm0, the high one louder as lines lose it. */
const LOW_AMPLITUDE = 7_200;
const HIGH_AMPLITUDE = 9_000;
/** A tone that begins and ends softly does not click. */
const FADE_SAMPLES = 40;

export const DTMF_DIGITS = /^[0-9A-D*#wW]{1,32}$/;

/**
 * The tones of these keys as µ-law at 8 kHz: 120 ms each, 80 ms apart; `w` waits half a second and `W` a whole one.
 *
 * @param digits as `DTMF_DIGITS`
 * @throws RangeError anything else
 */
export function dtmfAudio(digits: string): Uint8Array {
  if (!DTMF_DIGITS.test(digits)) throw new RangeError('digits must be 1 to 32 of 0-9, A-D, *, #, w and W');
  const pieces = [...digits].flatMap((digit) => {
    const pauseMs = PAUSE_MS[digit];
    return pauseMs === undefined
      ? [tone(digit), silence(GAP_MS * MU_LAW_BYTES_PER_MS)]
      : [silence(pauseMs * MU_LAW_BYTES_PER_MS)];
  });
  const audio = new Uint8Array(pieces.reduce((bytes, { length }) => bytes + length, 0));
  let at = 0;
  for (const piece of pieces) {
    audio.set(piece, at);
    at += piece.length;
  }
  return audio;
}

function tone(digit: string): Uint8Array {
  const row = KEYPAD.findIndex((keys) => keys.includes(digit));
  const low = (2 * Math.PI * LOW_HZ[row]!) / MU_LAW_RATE_HZ;
  const high = (2 * Math.PI * HIGH_HZ[KEYPAD[row]!.indexOf(digit)]!) / MU_LAW_RATE_HZ;
  const samples = TONE_MS * MU_LAW_BYTES_PER_MS;
  return Uint8Array.from({ length: samples }, (_, at) => {
    const fade = Math.min(1, (at + 1) / FADE_SAMPLES, (samples - at) / FADE_SAMPLES);
    return encodeMuLaw(fade * (LOW_AMPLITUDE * Math.sin(low * at) + HIGH_AMPLITUDE * Math.sin(high * at)));
  });
}
