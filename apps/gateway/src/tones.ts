import { dtmfAudio, MU_LAW_BYTES_PER_MS } from '@onhook/audio';
import type { Timer, Timers } from '@onhook/service';
import type { CallActs } from './call-acts.js';
import type { Playback, PlaybackItem } from './playback.js';
import type { Speaker } from './speaker.js';

/** Keys that the agent presses, as tones in the call: a carrier's stream takes no others. */
export interface Tones {
  /** Behind what is queued. True: they were heard to their end. @param digits as `DTMF_DIGITS` */
  press(digits: string): Promise<boolean>;
  /** Nobody may speak into them: a menu that talks on would wipe out the key that it asks for. */
  areSounding(): boolean;
  /** A mark came back: they may have been heard. */
  marked(): void;
  stop(): void;
}

interface TonesDeps {
  readonly acts: Pick<CallActs, 'play'>;
  readonly playback: Pick<Playback, 'heardMs'>;
  readonly speaker: Pick<Speaker, 'unheardMs'>;
  readonly timers: Pick<Timers, 'after'>;
  readonly elapsedMs: () => number;
}

interface Sounding {
  readonly item: PlaybackItem;
  readonly durationMs: number;
  readonly timer: Timer;
  readonly resolve: (wereHeard: boolean) => void;
}

/** Between the moment at which the last mark should come back and giving up on it. */
const SLACK_MS = 2_000;

export function createTones({ acts, playback, speaker, timers, elapsedMs }: TonesDeps): Tones {
  let sounding: Sounding[] = [];
  let count = 0;

  function finish(one: Sounding, wereHeard: boolean): void {
    if (!sounding.includes(one)) return;
    sounding = sounding.filter((other) => other !== one);
    one.timer.cancel();
    one.resolve(wereHeard);
  }

  return {
    press(digits) {
      const audio = dtmfAudio(digits);
      const id = `prepared-tones-${++count}`;
      const item = { turnId: id, itemId: id };
      if (!acts.play(audio, item, `[pressed ${[...digits].join(' ')}]`)) return Promise.resolve(false);
      return new Promise((resolve) => {
        const one: Sounding = {
          item,
          durationMs: Math.floor(audio.length / MU_LAW_BYTES_PER_MS),
          timer: timers.after(speaker.unheardMs() + SLACK_MS, () => finish(one, false)),
          resolve,
        };
        sounding.push(one);
      });
    },
    areSounding: () => sounding.length > 0,
    marked() {
      const at = elapsedMs();
      for (const one of sounding) if (playback.heardMs(one.item.itemId, at) >= one.durationMs) finish(one, true);
    },
    stop() {
      for (const one of sounding) finish(one, false);
    },
  };
}
