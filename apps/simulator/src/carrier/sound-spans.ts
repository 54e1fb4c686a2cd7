import { bytesPerMs, isAudible, silentFrame } from './telephone-audio.js';

/** A stretch of sound on the line, by the clock that the frames were stamped with. */
export interface SoundSpan {
  startMs: number;
  endMs: number;
  /** Milliseconds of audio between the two, pauses inside included. */
  ms: number;
}

/**
 * Finds stretches of audible sound in a run of frames, exact to the byte. Pauses shorter than `joinMs` (a breath between
 * two words) do not end a stretch.
 */
export function createSoundSpans({ joinMs = 300, onSpan }: { joinMs?: number; onSpan: (span: SoundSpan) => void }): {
  hear(ulaw: Uint8Array, atMs: number): void;
  end(): void;
} {
  let open: { startMs: number; endMs: number } | undefined;

  function close(): void {
    if (open) onSpan({ ...open, ms: open.endMs - open.startMs });
    open = undefined;
  }

  return {
    hear(ulaw, atMs) {
      const first = ulaw === silentFrame ? -1 : firstAudible(ulaw);
      if (first < 0) {
        if (open && atMs + ulaw.length / bytesPerMs - open.endMs >= joinMs) close();
        return;
      }
      const last = lastAudible(ulaw);
      if (open && atMs + first / bytesPerMs - open.endMs >= joinMs) close();
      open ??= { startMs: atMs + first / bytesPerMs, endMs: atMs };
      open.endMs = atMs + (last + 1) / bytesPerMs;
    },
    end: close,
  };
}

// Plain loops: `findIndex` calls a function for each of 8000 bytes a second and call.
function firstAudible(ulaw: Uint8Array): number {
  for (let i = 0; i < ulaw.length; i++) if (isAudible(ulaw[i]!)) return i;
  return -1;
}

function lastAudible(ulaw: Uint8Array): number {
  for (let i = ulaw.length - 1; i >= 0; i--) if (isAudible(ulaw[i]!)) return i;
  return -1;
}
