import type { TurnDetection } from './session-config.js';
import { FRAME_BYTES, type VoiceActivity } from './voice-activity.js';

export type TurnEvent = { type: 'started'; atMs: number } | { type: 'stopped'; atMs: number; speechMs: number };

/** How much of what was just said makes sense: `unknown` for words that nobody can tell. */
export type Understanding = 'complete' | 'cut' | 'unknown';

export interface TurnDetector {
  /** Judges the next µ-law bytes. `atMs` counts all audio since the session began. */
  push(ulaw: Uint8Array): TurnEvent[];
  configure(settings: TurnDetection | null): void;
  /** Forgets a turn that is going on, as after `input_audio_buffer.clear` and a manual commit. */
  reset(): void;
  isSpeaking(): boolean;
}

const FRAME_MS = 20;
/** In noise the end of a turn may never be found (`voice-agents`: 10 dB SNR): it ends by itself. */
const LONGEST_TURN_MS = 30_000;
/** `semantic_vad`: whoever has said all is answered after this much silence … */
const COMPLETE_MS = 300;
/** … one who was not understood after this much (nobody knows the provider's figures) … */
const UNKNOWN_MS = { low: 1500, medium: 900, auto: 900, high: 400 };
/** … and one who breaks off in mid-sentence is waited for, at most as long as the provider says. */
const MOST_MS = { low: 8000, medium: 4000, auto: 4000, high: 2000 };

/**
 * Finds turns: onset by voiced frames, end by silence, or for `semantic_vad` by what was understood. Runs on the time
 * of the audio itself, so a stream that stops leaves its turn open, as with the provider.
 */
export function createTurnDetector({
  activity,
  understand = () => 'unknown',
  longestTurnMs = () => LONGEST_TURN_MS,
}: {
  activity: VoiceActivity;
  /** Asked in silence, for the turn that began then. `given-up`: what stopped in the middle counts as over. */
  understand?: (fromMs: number, nowMs: number, how: 'so-far' | 'given-up') => Understanding;
  longestTurnMs?: () => number;
}): TurnDetector {
  let settings: TurnDetection | null = null;
  let frames = 0;
  let rest: Uint8Array = new Uint8Array(0);
  let lately: boolean[] = [];
  let startedAtMs = -1;
  let silentFrames = 0;
  /** The caller broke off: what they will say further is waited for. */
  let isCut = false;

  function isOver(nowMs: number): boolean {
    const silentMs = silentFrames * FRAME_MS;
    if (nowMs - startedAtMs >= longestTurnMs()) return true;
    if (settings?.type !== 'semantic_vad') return silentMs >= (settings?.silence_duration_ms ?? 0);
    if (silentMs < COMPLETE_MS) return false;
    const { eagerness } = settings;
    if (silentMs === COMPLETE_MS && understand(startedAtMs, nowMs, 'so-far') === 'complete') return true;
    if (silentMs === UNKNOWN_MS[eagerness]) isCut = understand(startedAtMs, nowMs, 'given-up') === 'cut';
    return silentMs >= (isCut ? MOST_MS : UNKNOWN_MS)[eagerness];
  }

  function judge(frame: Uint8Array): TurnEvent | undefined {
    const voiced = activity.isVoiced(frame);
    frames++;
    lately = [...lately, voiced].slice(-activity.onset.of);
    const nowMs = frames * FRAME_MS;
    if (startedAtMs < 0) {
      if (lately.filter(Boolean).length < activity.onset.voiced) return undefined;
      startedAtMs = nowMs - (lately.length - lately.indexOf(true)) * FRAME_MS;
      silentFrames = 0;
      isCut = false;
      return { type: 'started', atMs: startedAtMs };
    }
    const spoke = voiced && lately.at(-2) === true;
    silentFrames = spoke ? 0 : silentFrames + 1;
    if (!isOver(nowMs)) return undefined;
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
      const whole = bytes.length - (bytes.length % FRAME_BYTES);
      rest = bytes.slice(whole);
      const events: TurnEvent[] = [];
      for (let at = 0; at < whole; at += FRAME_BYTES) {
        if (settings === null) {
          frames++;
          continue;
        }
        const event = judge(bytes.subarray(at, at + FRAME_BYTES));
        if (event) events.push(event);
      }
      return events;
    },
    configure(next) {
      settings = next;
      if (next === null) reset();
      activity.setThreshold(next?.type === 'server_vad' ? next.threshold : 0.5);
    },
    reset,
    isSpeaking: () => startedAtMs >= 0,
  };
}
