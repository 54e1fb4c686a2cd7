/**
 * A peer that reads too slowly, seen from the bytes that wait for it in our process. Pure. Two different things: so much waits
 * that more would do no good, and nothing is taken any more.
 */
export interface Backpressure {
  /** Nothing more should be put behind what waits. */
  isFull(bufferedBytes: number): boolean;
  /**
   * Asked at every look at the clock. True: much waits, and for too long nothing was taken.
   *
   * @param takenBytes since the beginning. Where only the queue is known, what it has become less by was taken: enough for a peer to
   * whom nothing more is given once it is full.
   */
  isStuck(bufferedBytes: number, atMs: number, takenBytes?: number): boolean;
}

export interface BackpressureLimits {
  readonly fullBytes: number;
  /** Less than this is no queue: the network takes as much at a time. */
  readonly stuckBytes: number;
  readonly stuckAfterMs: number;
}

/** An answer of three minutes, generated at once, waits here for a carrier that reads. One that does not read, for five seconds. */
export const CARRIER_BACKPRESSURE: BackpressureLimits = { fullBytes: 4_194_304, stuckBytes: 65_536, stuckAfterMs: 5_000 };
/** 50 frames are 12 KB: an agent that hears what was said five seconds ago is better off without what comes now. */
export const AGENT_BACKPRESSURE: BackpressureLimits = { fullBytes: 65_536, stuckBytes: 16_384, stuckAfterMs: 5_000 };

export function createBackpressure({ fullBytes, stuckBytes, stuckAfterMs }: BackpressureLimits): Backpressure {
  /** The first look has nothing to compare with. */
  let lastTaken = Infinity;
  /** Since when nothing was taken. */
  let sinceMs: number | null = null;
  return {
    isFull: (bufferedBytes) => bufferedBytes > fullBytes,
    isStuck(bufferedBytes, atMs, takenBytes = -bufferedBytes) {
      if (bufferedBytes < stuckBytes || takenBytes > lastTaken) sinceMs = null;
      else sinceMs ??= atMs;
      lastTaken = takenBytes;
      return sinceMs !== null && atMs - sinceMs >= stuckAfterMs;
    },
  };
}
