import { systemClock } from '@onhook/service';
import { measureDelays, type Percentiles, type StealLook } from './lateness.js';

/** The frames of one way: when each was due, was written, and has arrived. */
export interface WayTally {
  /** The number of the stream's next frame; −1 if there is no more room for it. */
  next(stream: number): number;
  wrote(stream: number, frame: number, dueMs: number): void;
  arrived(stream: number, frame: number, isNewest: boolean): void;
  report(window: Window): WayReport | null;
  pace(window: Window): { undisturbed: Percentiles | null; all: Percentiles | null };
}

interface Window {
  fromMs: number;
  toMs: number;
  looks: readonly StealLook[];
}

/** Of the frames written in the window. */
interface WayReport {
  frames: number;
  lost: number;
  /** In which they arrived. */
  messages: number;
  latencyMs: Percentiles | null;
  latencyUnfilteredMs: Percentiles | null;
  /** Of the last frame of each message: without the wait for a batch to be full. */
  newestLatencyMs: Percentiles | null;
  newestLatencyUnfilteredMs: Percentiles | null;
}

export function createWayTally({ streams, framesEach }: { streams: number; framesEach: number }): WayTally {
  const moments = (): Float64Array => new Float64Array(streams * framesEach).fill(Number.NaN);
  const [due, written, came] = [moments(), moments(), moments()];
  const newest = new Uint8Array(streams * framesEach);
  const numbers = new Int32Array(streams);

  return {
    next: (stream) => (numbers[stream]! < framesEach ? numbers[stream]!++ : -1),
    wrote(stream, frame, dueMs) {
      due[stream * framesEach + frame] = dueMs;
      written[stream * framesEach + frame] = systemClock.monotonicMs();
    },
    arrived(stream, frame, isNewest) {
      if (stream >= streams || frame >= framesEach) return;
      came[stream * framesEach + frame] = systemClock.monotonicMs();
      if (isNewest) newest[stream * framesEach + frame] = 1;
    },
    report(window) {
      const each = measureDelays({ beganMs: written, endedMs: came, ...window });
      if (each.frames + each.missing === 0) return null;
      const last = measureDelays({ beganMs: written, endedMs: came, ...window, counts: (i) => newest[i] === 1 });
      return {
        frames: each.frames,
        lost: each.missing,
        messages: last.frames,
        latencyMs: each.undisturbed,
        latencyUnfilteredMs: each.all,
        newestLatencyMs: last.undisturbed,
        newestLatencyUnfilteredMs: last.all,
      };
    },
    pace: (window) => measureDelays({ beganMs: due, endedMs: written, ...window }),
  };
}
