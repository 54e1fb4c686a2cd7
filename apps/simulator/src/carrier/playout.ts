import { bytesPerMs, frameBytes, silentByte, silentFrame } from './telephone-audio.js';

/** What 20 milliseconds of playing have brought about. */
interface PlayedFrame {
  /** The audio that has now been heard to its end (silence where nothing was queued). True until the next `next()`. */
  heard: Uint8Array;
  /** How many of its bytes the other side had sent. */
  heardBytes: number;
  /** Marks whose audio has now been heard, in order. */
  reachedMarks: readonly string[];
}

/**
 * The carrier's buffer of a bidirectional stream: a first-in first-out queue that is played at 8 bytes a millisecond.
 * A mark is reached when everything before it has been *heard*, at once if nothing is buffered; `clear` drops the audio and
 * releases every mark, so a released mark proves nothing (Twilio, Media Streams WebSocket messages).
 */
export interface Playout {
  /** The bytes are copied. How many of them found no room, and are never heard. */
  append(audio: Uint8Array): number;
  /** True: nothing is buffered, the mark is reached at once. False: it waits. */
  mark(name: string): boolean;
  clear(): { clearedBytes: number; marks: string[] };
  /** Call once per 20 ms: the frame begun last time is over, the next one begins. */
  next(): PlayedFrame;
  /** The line is cut `sinceFrameMs` after the last `next()`. Marks that still wait are never reached. */
  cut(sinceFrameMs: number): { heard: Uint8Array; heardBytes: number; unplayedBytes: number; marks: string[] };
  bufferedBytes(): number;
}

/** Half a second; a server that sends faster than real time makes it grow. */
const firstCapacity = 4096;

/** @param capBytes so much is kept beside the frame that sounds; no limit if not given */
export function createPlayout(capBytes = Number.POSITIVE_INFINITY): Playout {
  /** A ring: byte n of the stream lies at n mod its length, a power of two. */
  let ring = new Uint8Array(firstCapacity);
  /** Bytes that have ever come in, or been taken out to sound or dropped. */
  let appended = 0;
  let taken = 0;
  /** What sounds now: begun, not yet heard. It lies in one of the two frames, what was heard before it in the other. */
  let sounding = silentFrame;
  let [frame, otherFrame] = [Buffer.alloc(frameBytes), Buffer.alloc(frameBytes)];
  let soundingBytes = 0;
  /** Marks in order, each with the byte that must have been heard before it. */
  let marks: { name: string; after: number }[] = [];

  function copyIn(audio: Uint8Array): void {
    const at = appended & (ring.length - 1);
    const room = ring.length - at;
    if (audio.length <= room) ring.set(audio, at);
    else {
      ring.set(audio.subarray(0, room), at);
      ring.set(audio.subarray(room), 0);
    }
    appended += audio.length;
  }

  function grow(needed: number): void {
    const old = ring;
    const kept = appended - taken;
    const at = taken & (old.length - 1);
    ring = new Uint8Array(2 ** Math.ceil(Math.log2(needed)));
    appended = taken;
    copyIn(old.subarray(at, Math.min(old.length, at + kept)));
    copyIn(old.subarray(0, Math.max(0, at + kept - old.length)));
  }

  function takeFrame(): void {
    soundingBytes = Math.min(frameBytes, appended - taken);
    if (soundingBytes === 0) {
      sounding = silentFrame;
      return;
    }
    // Two frames in turn, never a new one: 400 streams would ask for 20 000 a second.
    [frame, otherFrame] = [otherFrame, frame];
    const at = taken & (ring.length - 1);
    const first = Math.min(soundingBytes, ring.length - at);
    frame.set(ring.subarray(at, at + first));
    if (first < soundingBytes) frame.set(ring.subarray(0, soundingBytes - first), first);
    if (soundingBytes < frameBytes) frame.fill(silentByte, soundingBytes);
    taken += soundingBytes;
    sounding = frame;
  }

  function reached(): string[] {
    if (marks.length === 0 || marks[0]!.after > taken) return noMarks;
    const count = marks.findIndex((mark) => mark.after > taken);
    return marks.splice(0, count < 0 ? marks.length : count).map((mark) => mark.name);
  }

  function clear(): { clearedBytes: number; marks: string[] } {
    const names = marks.map((mark) => mark.name);
    const clearedBytes = appended - taken;
    appended = taken;
    marks = [];
    return { clearedBytes, marks: names };
  }

  return {
    append(audio) {
      const room = capBytes - (appended - taken);
      const taking = audio.length > room ? audio.subarray(0, room) : audio;
      const needed = appended - taken + taking.length;
      if (needed > ring.length) grow(needed);
      copyIn(taking);
      return audio.length - taking.length;
    },

    mark(name) {
      if (appended === taken && soundingBytes === 0) return true;
      marks.push({ name, after: appended });
      return false;
    },

    clear,

    next() {
      const reachedMarks = reached();
      const over = { heard: sounding, heardBytes: soundingBytes, reachedMarks };
      takeFrame();
      return over;
    },

    cut(sinceFrameMs) {
      const bytes = Math.max(0, Math.min(frameBytes, Math.floor(sinceFrameMs * bytesPerMs)));
      const heardBytes = Math.min(bytes, soundingBytes);
      const heard = sounding.subarray(0, bytes);
      const unheardBytes = soundingBytes - heardBytes;
      const rest = clear();
      [sounding, soundingBytes] = [silentFrame, 0];
      return { heard, heardBytes, unplayedBytes: unheardBytes + rest.clearedBytes, marks: rest.marks };
    },

    bufferedBytes: () => appended - taken + soundingBytes,
  };
}

const noMarks: string[] = [];
