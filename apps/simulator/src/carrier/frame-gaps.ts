import { bytesPerMs, frameBytes, frameMs } from './telephone-audio.js';

/** From here on a gap is told: an ear notices it, a jitter buffer of two frames cannot hide it. */
const gapFromMs = 40;
/** Silence of this length is a pause between two utterances, and no gap in one. */
const utteranceEndsAfterMs = 300;

/** Watches the frames of one track on their way to the server. Pure: told of each frame when it is sent. */
export interface SentFrames {
  /** How long nothing was sent before this frame, if it is `gapFromMs` late or more. */
  sent(atMs: number): number | undefined;
}

export function createSentFrames(): SentFrames {
  let lastMs = Number.NaN;
  return {
    sent(atMs) {
      const sinceMs = atMs - lastMs;
      lastMs = atMs;
      return sinceMs >= frameMs + gapFromMs ? sinceMs : undefined;
    },
  };
}

/** Watches what the callee hears of the server's audio: it ran dry, and went on before the utterance can have been over. */
interface HeardFrames {
  /** 20 ms were heard that began with so many bytes of the server; the rest was silence. The silence before them, if that was a gap. */
  heard(bytes: number): number | undefined;
  /** What was said is over: the server has cleared it. */
  cleared(): void;
}

export function createHeardFrames(): HeardFrames {
  let dryMs = Number.POSITIVE_INFINITY;
  return {
    heard(bytes) {
      if (bytes === 0) {
        dryMs += frameMs;
        return undefined;
      }
      const beforeMs = dryMs;
      dryMs = (frameBytes - bytes) / bytesPerMs;
      return beforeMs >= gapFromMs && beforeMs < utteranceEndsAfterMs ? beforeMs : undefined;
    },
    cleared: () => void (dryMs = Number.POSITIVE_INFINITY),
  };
}
