import type { Line } from '../speech/index.js';
import { bytesPerMs, frameBytes, silentByte, silentFrame } from './telephone-audio.js';

export interface Spoken {
  line: Line;
  /** By the line's clock. */
  startMs: number;
  endMs: number;
  spokenMs: number;
}

/** What the callee says, cut into frames of 20 ms. */
export interface Mouth {
  /** Begins now; a line that was being said is broken off. */
  say(line: Line, atMs: number): void;
  next(): Uint8Array;
  stop(atMs: number): void;
}

export function createMouth({ onSpoken }: { onSpoken: (spoken: Spoken) => void }): Mouth {
  let current: { line: Line; offset: number; startMs: number } | undefined;

  function over(): void {
    if (!current) return;
    const { line, offset, startMs } = current;
    current = undefined;
    const spokenMs = offset / bytesPerMs;
    onSpoken({ line, startMs, endMs: startMs + spokenMs, spokenMs });
  }

  return {
    say(line, atMs) {
      over();
      current = { line, offset: 0, startMs: atMs };
    },
    next() {
      if (!current) return silentFrame;
      const part = frameAt(current.line.audio, current.offset / frameBytes);
      current.offset += part.length;
      if (current.offset >= current.line.audio.length) over();
      if (part.length === frameBytes) return part;
      const frame = new Uint8Array(frameBytes).fill(silentByte);
      frame.set(part);
      return frame;
    },
    stop: over,
  };
}

/** By line: its frames. The same lines are said on every call, and a view of 20 ms of one costs more than to look for it here. */
const framesOf = new WeakMap<Uint8Array, Uint8Array[]>();

function frameAt(audio: Uint8Array, index: number): Uint8Array {
  let frames = framesOf.get(audio);
  if (!frames) framesOf.set(audio, (frames = []));
  return (frames[index] ??= audio.subarray(index * frameBytes, (index + 1) * frameBytes));
}
