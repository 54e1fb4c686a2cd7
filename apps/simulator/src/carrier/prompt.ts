import type { LineSource } from './telephone-line.js';
import { bytesPerMs, frameBytes, silentByte } from './telephone-audio.js';

/** Audio that the carrier itself plays to the callee: `<Say>`, `<Play>`. */
export interface Prompt extends LineSource {
  /** Resolves when its last frame has been heard. */
  readonly played: Promise<void>;
}

export function createPrompt(audio: Uint8Array): Prompt {
  let offset = 0;
  let begun: Uint8Array | undefined;
  let finish = (): void => undefined;
  const played = new Promise<void>((resolve) => (finish = resolve));

  return {
    played,
    pass() {
      const heard = begun;
      begun = undefined;
      if (offset < audio.length) {
        begun = new Uint8Array(frameBytes).fill(silentByte);
        begun.set(audio.subarray(offset, offset + frameBytes));
        offset += frameBytes;
      } else {
        finish();
      }
      return heard;
    },
    cut: (sinceFrameMs) => begun?.subarray(0, Math.max(0, Math.floor(sinceFrameMs * bytesPerMs))),
  };
}
