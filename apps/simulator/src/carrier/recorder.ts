import { frameBytes, frameMs, isLoud, silentFrame } from './telephone-audio.js';
import type { LineSource } from './telephone-line.js';

/** Writes down what the callee says, until it is silent for long enough, or has said enough. */
export interface Recorder extends LineSource {
  readonly finished: Promise<'silence' | 'max-length'>;
  /** µ-law; empty if nobody spoke. `trim`: without the silence before and after. */
  audio(trim: boolean): Uint8Array;
}

export function createRecorder({ silenceMs, maxLengthMs }: { silenceMs: number; maxLengthMs: number }): Recorder {
  const frames: Uint8Array[] = [];
  let firstLoud = -1;
  let lastLoud = -1;
  let finish: (why: 'silence' | 'max-length') => void;
  const finished = new Promise<'silence' | 'max-length'>((resolve) => (finish = resolve));

  return {
    finished,
    pass(said) {
      if (frames.length * frameMs >= maxLengthMs) return undefined;
      const loud = said !== silentFrame && isLoud(said);
      // The line may write into its frame again.
      frames.push(said === silentFrame ? said : said.slice(0, frameBytes));
      if (loud) {
        if (firstLoud < 0) firstLoud = frames.length - 1;
        lastLoud = frames.length - 1;
      }
      if (frames.length * frameMs >= maxLengthMs) finish('max-length');
      else if ((frames.length - 1 - lastLoud) * frameMs >= silenceMs) finish('silence');
      return undefined;
    },
    cut: () => undefined,
    audio(trim) {
      if (firstLoud < 0) return new Uint8Array(0);
      return Buffer.concat(trim ? frames.slice(firstLoud, lastLoud + 1) : frames);
    },
  };
}
