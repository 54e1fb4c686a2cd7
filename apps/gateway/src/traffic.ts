/** What has passed through this process, counted where it passes: plain numbers, as that is fifty times a second for each call. */
export interface Traffic {
  streamsAccepted: number;
  /** Media messages of carriers. */
  framesIn: number;
  /** Media messages to carriers, of any length. */
  framesOut: number;
  /** Pieces of answers that had been broken off, dropped unsent. */
  lateAudio: number;
  /** Frames that an agent did not get, because it reads too slowly. */
  unheardByAgent: number;
  /** The most that was ever found waiting for one peer, of those who read slowly. */
  carrierBufferedMaxBytes: number;
  agentBufferedMaxBytes: number;
}

export function createTraffic(): Traffic {
  return {
    streamsAccepted: 0,
    framesIn: 0,
    framesOut: 0,
    lateAudio: 0,
    unheardByAgent: 0,
    carrierBufferedMaxBytes: 0,
    agentBufferedMaxBytes: 0,
  };
}
