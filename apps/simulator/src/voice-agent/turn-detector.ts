import { linearOf } from '../speech/index.js';
import type { TurnDetection } from './session-config.js';

export type TurnEvent = { type: 'started'; atMs: number } | { type: 'stopped'; atMs: number; speechMs: number };

export interface TurnDetector {
  /** Judges the next µ-law bytes. `atMs` counts all audio since the session began. */
  push(ulaw: Uint8Array): TurnEvent[];
  configure(settings: TurnDetection | null): void;
  /** Forgets a turn that is going on, as after `input_audio_buffer.clear` and a manual commit. */
  reset(): void;
  isSpeaking(): boolean;
}

const FRAME = 160;
const FRAME_MS = 20;
/** So many of the last frames … */
const LATELY = 5;
/** … must have voice for a turn to begin: a click is none. */
const VOICED_TO_START = 4;
/** In noise the end of a turn may never be found (`voice-agents`: 10 dB SNR): it ends by itself. */
const LONGEST_TURN_MS = 30_000;
const SQUARES = Float64Array.from(linearOf, (sample) => sample * sample);
const FULL_SCALE = 32_124 ** 2;

/**
 * Finds turns by loudness above the background: onset by 4 voiced frames of 5, end by silence. Runs on the time of the
 * audio itself, so a stream that stops leaves its turn open, as with the provider.
 */
export function createTurnDetector(): TurnDetector {
  let settings: TurnDetection | null = null;
  let frames = 0;
  let rest = new Uint8Array(0);
  let floorDb = -60;
  let lately: boolean[] = [];
  let startedAtMs = -1;
  let silentFrames = 0;

  const silenceMs = (): number =>
    settings?.type === 'semantic_vad'
      ? { low: 1500, medium: 900, auto: 900, high: 400 }[settings.eagerness]
      : (settings?.silence_duration_ms ?? 0);

  function isVoiced(frame: Uint8Array): boolean {
    let sum = 0;
    for (const byte of frame) sum += SQUARES[byte]!;
    const db = 10 * Math.log10(sum / FRAME / FULL_SCALE + 1e-10);
    const threshold = settings?.type === 'server_vad' ? settings.threshold : 0.5;
    const voiced = db > Math.max(-45 + (threshold - 0.5) * 30, floorDb + 9);
    // The background is learnt quickly downwards, slowly upwards.
    floorDb = Math.max(-70, db < floorDb ? db : Math.min(db, floorDb + (voiced ? 0.01 : 0.1)));
    return voiced;
  }

  function judge(frame: Uint8Array): TurnEvent | undefined {
    const voiced = isVoiced(frame);
    frames++;
    lately = [...lately, voiced].slice(-LATELY);
    const nowMs = frames * FRAME_MS;
    if (startedAtMs < 0) {
      if (lately.filter(Boolean).length < VOICED_TO_START) return undefined;
      startedAtMs = nowMs - (lately.length - lately.indexOf(true)) * FRAME_MS;
      silentFrames = 0;
      return { type: 'started', atMs: startedAtMs };
    }
    const spoke = voiced && lately.at(-2) === true;
    silentFrames = spoke ? 0 : silentFrames + 1;
    if (silentFrames * FRAME_MS < silenceMs() && nowMs - startedAtMs < LONGEST_TURN_MS) return undefined;
    const speechMs = nowMs - startedAtMs - silentFrames * FRAME_MS;
    reset();
    return { type: 'stopped', atMs: nowMs, speechMs };
  }

  function reset(): void {
    startedAtMs = -1;
    lately = [];
    silentFrames = 0;
  }

  return {
    push(ulaw) {
      const bytes = rest.length === 0 ? ulaw : Buffer.concat([rest, ulaw]);
      const whole = bytes.length - (bytes.length % FRAME);
      rest = bytes.slice(whole);
      const events: TurnEvent[] = [];
      for (let at = 0; at < whole; at += FRAME) {
        if (settings === null) {
          frames++;
          continue;
        }
        const event = judge(bytes.subarray(at, at + FRAME));
        if (event) events.push(event);
      }
      return events;
    },
    configure(next) {
      settings = next;
      if (next === null) reset();
    },
    reset,
    isSpeaking: () => startedAtMs >= 0,
  };
}
