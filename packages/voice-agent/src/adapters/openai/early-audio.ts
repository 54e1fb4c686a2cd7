/** What the callee says before the session is ready, in order. Beyond the bound the oldest goes: it is the least worth hearing. */
export interface EarlyAudio {
  keep(audio: Uint8Array): void;
  /** Hands over everything, once. */
  take(): Uint8Array[];
}

/** 10 s of µ-law. */
const MAX_BYTES = 80_000;

export function createEarlyAudio(): EarlyAudio {
  let kept: Uint8Array[] = [];
  let bytes = 0;
  return {
    keep(audio) {
      // A copy: the caller's buffer may be a slice of one that is used again.
      kept.push(Uint8Array.from(audio));
      bytes += audio.length;
      while (bytes > MAX_BYTES) bytes -= kept.shift()!.length;
    },
    take() {
      const all = kept;
      kept = [];
      bytes = 0;
      return all;
    },
  };
}
