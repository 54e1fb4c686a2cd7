import { audioBytes } from '@onhook/audio';
import type { Timer, Timers } from '@onhook/service';
import type { Playback, PlaybackItem } from './playback.js';
import type { Speaker } from './speaker.js';

/**
 * Small pieces that come at the pace of speech stutter at the start of a word: the carrier plays the first at once and waits for
 * the second. So what begins to play into an empty queue is held until there is a little of it, or until a moment has passed.
 * Providers that send faster than speech, in pieces of 60 ms and more, never notice.
 */
interface CushionDeps {
  readonly speaker: Speaker;
  readonly playback: Pick<Playback, 'acceptsTurn'>;
  readonly timers: Pick<Timers, 'after'>;
  readonly guarded: (run: () => void) => void;
}

const CUSHION_BYTES = 60 * 8;
const HOLD_MS = 60;

export function createCushion({ speaker, playback, timers, guarded }: CushionDeps): Speaker {
  let held: { item: PlaybackItem; pieces: Uint8Array[]; bytes: number } | null = null;
  let timer: Timer | null = null;

  function flush(): void {
    timer?.cancel();
    timer = null;
    if (!held) return;
    const { item, pieces } = held;
    held = null;
    speaker.speak(Buffer.concat(pieces), item);
  }

  return {
    speak(audio, item) {
      if (held && held.item.itemId !== item.itemId) flush();
      if (!held && (audio.length >= CUSHION_BYTES || speaker.unheardMs() > 0)) return speaker.speak(audio, item);
      if (!playback.acceptsTurn(item.turnId)) return speaker.speak(audio, item);
      held ??= { item, pieces: [], bytes: 0 };
      held.pieces.push(audioBytes(audio));
      held.bytes += audio.length;
      if (held.bytes >= CUSHION_BYTES) flush();
      else timer ??= timers.after(HOLD_MS, () => guarded(flush));
      return true;
    },
    mark() {
      flush();
      return speaker.mark();
    },
    silence() {
      // Into the books first: what was never played is told to the agent like the rest.
      flush();
      return speaker.silence();
    },
    unheardMs: () => speaker.unheardMs() + (held?.bytes ?? 0) / 8,
  };
}
