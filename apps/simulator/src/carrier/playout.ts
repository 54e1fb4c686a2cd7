import { bytesPerMs, frameBytes, silentByte } from './telephone-audio.js';

/** What 20 milliseconds of playing have brought about. */
interface PlayedFrame {
  /** The audio that has now been heard to its end (silence where nothing was queued). */
  heard: Uint8Array;
  /** How many of its bytes the other side had sent. */
  heardBytes: number;
  /** Marks whose audio has now been heard, in order. */
  reachedMarks: string[];
}

/**
 * The carrier's buffer of a bidirectional stream: a first-in first-out queue that is played at 8 bytes a millisecond.
 * A mark is reached when everything before it has been *heard*, at once if nothing is buffered; `clear` drops the audio and
 * releases every mark, so a released mark proves nothing (Twilio, Media Streams WebSocket messages).
 */
export interface Playout {
  append(audio: Uint8Array): void;
  /** True: nothing is buffered, the mark is reached at once. False: it waits. */
  mark(name: string): boolean;
  clear(): { clearedBytes: number; marks: string[] };
  /** Call once per 20 ms: the frame begun last time is over, the next one begins. */
  next(): PlayedFrame;
  /** The line is cut `sinceFrameMs` after the last `next()`. Marks that still wait are never reached. */
  cut(sinceFrameMs: number): { heard: Uint8Array; heardBytes: number; unplayedBytes: number; marks: string[] };
  bufferedBytes(): number;
}

export function createPlayout(): Playout {
  let queue: (Uint8Array | string)[] = [];
  let headOffset = 0;
  let buffered = 0;
  let sounding = emptyFrame();

  /** Takes the next 20 ms out of the queue; a mark inside belongs to the end of this frame. */
  function takeFrame(): Sounding {
    const frame = emptyFrame();
    while (queue.length > 0) {
      const head = queue[0]!;
      if (typeof head === 'string') {
        frame.marks.push(head);
        queue.shift();
        continue;
      }
      if (frame.bytes === frameBytes) break;
      const part = head.subarray(headOffset, headOffset + frameBytes - frame.bytes);
      frame.audio.set(part, frame.bytes);
      frame.bytes += part.length;
      headOffset += part.length;
      buffered -= part.length;
      if (headOffset === head.length) {
        queue.shift();
        headOffset = 0;
      }
    }
    return frame;
  }

  function clear(): { clearedBytes: number; marks: string[] } {
    const marks = [...sounding.marks, ...queue.filter((part) => typeof part === 'string')];
    const clearedBytes = buffered;
    sounding.marks = [];
    queue = [];
    headOffset = 0;
    buffered = 0;
    return { clearedBytes, marks };
  }

  return {
    append(audio) {
      if (audio.length === 0) return;
      queue.push(audio);
      buffered += audio.length;
    },

    mark(name) {
      if (queue.length === 0 && sounding.bytes === 0) return true;
      if (queue.length === 0) sounding.marks.push(name);
      else queue.push(name);
      return false;
    },

    clear,

    next() {
      const over = sounding;
      sounding = takeFrame();
      return { heard: over.audio, heardBytes: over.bytes, reachedMarks: over.marks };
    },

    cut(sinceFrameMs) {
      const bytes = Math.max(0, Math.min(frameBytes, Math.floor(sinceFrameMs * bytesPerMs)));
      const heardBytes = Math.min(bytes, sounding.bytes);
      const unplayedBytes = sounding.bytes - heardBytes + buffered;
      const { marks } = clear();
      const heard = sounding.audio.subarray(0, bytes);
      sounding = emptyFrame();
      return { heard, heardBytes, unplayedBytes, marks };
    },

    bufferedBytes: () => buffered + sounding.bytes,
  };
}

interface Sounding {
  audio: Uint8Array;
  bytes: number;
  marks: string[];
}

function emptyFrame(): Sounding {
  return { audio: new Uint8Array(frameBytes).fill(silentByte), bytes: 0, marks: [] };
}
