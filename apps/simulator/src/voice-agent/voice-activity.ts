import { linearOf } from '../speech/index.js';

/** Tells for frame after frame whether there is voice in it. */
export interface VoiceActivity {
  /** A turn begins when so many of the last frames have voice: a click has none. */
  readonly onset: { voiced: number; of: number };
  /** @param frame 20 ms of µ-law */
  isVoiced(frame: Uint8Array): boolean;
  /** @param threshold the provider's, 0 … 1: the higher, the clearer a voice must be */
  setThreshold(threshold: number): void;
  /** Gives back what it holds; not to be asked again. */
  close(): void;
}

/**
 * - `fvad`: WebRTC's detector, which knows the spectrum of speech
 * - `energy`: whatever is louder than the background
 */
export const voiceDetections = ['fvad', 'energy'] as const;
export type VoiceDetection = (typeof voiceDetections)[number];

export const FRAME_BYTES = 160;
const SQUARES = Float64Array.from(linearOf, (sample) => sample * sample);
const FULL_SCALE = 32_124 ** 2;

/** Goes by loudness above a background that it learns. */
export function createEnergyActivity(): VoiceActivity {
  let threshold = 0.5;
  let floorDb = -60;
  return {
    onset: { voiced: 4, of: 5 },
    isVoiced(frame) {
      let sum = 0;
      for (const byte of frame) sum += SQUARES[byte]!;
      const db = 10 * Math.log10(sum / FRAME_BYTES / FULL_SCALE + 1e-10);
      const voiced = db > Math.max(-45 + (threshold - 0.5) * 30, floorDb + 9);
      // The background is learnt quickly downwards, slowly upwards.
      floorDb = Math.max(-70, db < floorDb ? db : Math.min(db, floorDb + (voiced ? 0.01 : 0.1)));
      return voiced;
    },
    setThreshold: (next) => void (threshold = next),
    close: () => undefined,
  };
}
