import { decodeBase64, MU_LAW_BYTES_PER_MS, type MuLawAudio } from '@onhook/audio';

/** The callee's audio on its way to the provider, in appends of a length that may change while the call goes on. */
export interface AudioOut {
  hear(audio: MuLawAudio): void;
}

interface AudioOutDeps {
  readonly append: (audio: MuLawAudio) => void;
  /** How much audio an append carries; at 20 and below each frame goes out as it comes. */
  readonly appendMs: () => number;
}

/** A frame of the carrier's. */
const FRAME_MS = 20;

export function createAudioOut({ append, appendMs }: AudioOutDeps): AudioOut {
  /** What waits for an append to be full. No room at all while frames go out one by one. */
  let waiting = new Uint8Array(0);
  let length = 0;

  function flush(): void {
    if (length > 0) append(waiting.subarray(0, length));
    length = 0;
  }

  return {
    hear(audio) {
      const wantedMs = appendMs();
      const wanted = wantedMs * MU_LAW_BYTES_PER_MS;
      if (wantedMs <= FRAME_MS || length + audio.length > wanted) flush();
      if (wantedMs <= FRAME_MS || audio.length >= wanted) return append(audio);
      if (waiting.length < wanted) {
        const larger = new Uint8Array(wanted);
        larger.set(waiting.subarray(0, length));
        waiting = larger;
      }
      if (audio instanceof Uint8Array) waiting.set(audio, length);
      else decodeBase64(audio.text, audio.from, audio.to, waiting, length);
      length += audio.length;
      if (length >= wanted) flush();
    },
  };
}
