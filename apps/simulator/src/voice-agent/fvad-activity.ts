import loadFvad from '@echogarden/fvad-wasm';
import { linearOf } from '../speech/index.js';
import { FRAME_BYTES, type VoiceActivity } from './voice-activity.js';

/** One module for all sessions: 20 KB, and some 3 µs a frame. */
const fvad = await loadFvad();
const samples = fvad._malloc(FRAME_BYTES * 2);
const RATE_HZ = 8000;
/** Until it has learnt what the background is, it takes any hiss for voice. */
const LEARNING_FRAMES = 6;

/**
 * WebRTC's voice detector, at 8 kHz. It stays with voice for a few frames after the last one.
 *
 * @throws Error if its memory has run out
 */
export function createFvadActivity(): VoiceActivity {
  const vad = fvad._fvad_new();
  if (vad === 0) throw new Error('no memory for another voice detector');
  fvad._fvad_set_sample_rate(vad, RATE_HZ);
  fvad._fvad_set_mode(vad, modeFor(0.5));
  let closed = false;
  let frames = 0;

  return {
    // A click of 30 ms counts as five frames, because it stays with voice.
    onset: { voiced: 6, of: 7 },
    isVoiced(frame) {
      if (closed) return false;
      frames++;
      const at = samples / 2;
      for (let i = 0; i < FRAME_BYTES; i++) fvad.HEAP16[at + i] = linearOf[frame[i]!]!;
      return fvad._fvad_process(vad, samples, FRAME_BYTES) === 1 && frames > LEARNING_FRAMES;
    },
    setThreshold(threshold) {
      if (!closed) fvad._fvad_set_mode(vad, modeFor(threshold));
    },
    close() {
      if (closed) return;
      closed = true;
      fvad._fvad_free(vad);
    },
  };
}

/** The detector has four steps where the provider has a scale. */
function modeFor(threshold: number): number {
  return Math.min(3, Math.floor(threshold * 4));
}
