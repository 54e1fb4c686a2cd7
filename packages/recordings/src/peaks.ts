import { decodeMuLaw, MU_LAW_BYTES_PER_MS } from '@onhook/audio';

/** How loud a recording is over its length, for drawing it at once. */
export interface Peaks {
  readonly durationMs: number;
  /** Each number speaks for so long. */
  readonly windowMs: number;
  /** The loudest sample of each window, 0 … 1 of full scale. */
  readonly callee: readonly number[];
  readonly agent: readonly number[];
}

/** A picture has no more columns than that. */
const MOST_WINDOWS = 2_000;
const SHORTEST_WINDOW_MS = 20;

const MAGNITUDE = Uint16Array.from({ length: 256 }, (_, code) => Math.abs(decodeMuLaw(code)));

/** @param frames samples per side of the whole recording */
export function windowOf(frames: number): number {
  const durationMs = frames / MU_LAW_BYTES_PER_MS;
  return Math.max(1, Math.ceil(durationMs / MOST_WINDOWS / SHORTEST_WINDOW_MS)) * SHORTEST_WINDOW_MS;
}

/** @param stereo left and right bytes in turn, in pieces of any length, without the header */
export async function computePeaks(stereo: AsyncIterable<Uint8Array>, frames: number): Promise<Peaks> {
  const windowMs = windowOf(frames);
  const windowBytes = windowMs * MU_LAW_BYTES_PER_MS * 2;
  const windows = Math.ceil((frames * 2) / windowBytes);
  const loudest = [new Uint16Array(windows), new Uint16Array(windows)] as const;
  let at = 0;
  for await (const piece of stereo) {
    for (let i = 0; i < piece.length && at < frames * 2; i++, at++) {
      const side = loudest[(at & 1) as 0 | 1];
      const window = Math.floor(at / windowBytes);
      const magnitude = MAGNITUDE[piece[i]!]!;
      if (magnitude > side[window]!) side[window] = magnitude;
    }
  }
  const shares = (side: Uint16Array): number[] =>
    Array.from(side, (magnitude) => Math.round((magnitude / 32_768) * 1_000) / 1_000);
  return {
    durationMs: Math.round(frames / MU_LAW_BYTES_PER_MS),
    windowMs,
    callee: shares(loudest[0]),
    agent: shares(loudest[1]),
  };
}
