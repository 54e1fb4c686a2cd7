import type { InCallLimits } from './in-call-clock.js';
import { END_OF_CALL_LIMITS, type EndOfCallLimits } from './end-of-call-state.js';

/** Every time limit of a live call. All milliseconds. */
export interface GatewayLimits {
  /** From the upgrade to a valid `start` that we accepted. */
  readonly startWithinMs: number;
  /** From asking for the end to closing the sockets ourselves, whatever others do. */
  readonly fuseMs: number;
  /** How long we wait for both sockets to say that they are closed. */
  readonly socketsCloseWithinMs: number;
  /** How long we try to tell the record what happened. */
  readonly reportWithinMs: number;
  /** A media lease that nobody renews. */
  readonly leaseMs: number;
  readonly inCall: InCallLimits;
  readonly endOfCall: EndOfCallLimits;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  startWithinMs: 5_000,
  fuseMs: 3_000,
  socketsCloseWithinMs: 3_000,
  reportWithinMs: 120_000,
  leaseMs: 6_000,
  inCall: {
    agentReadyWithinMs: 5_000,
    mediaLostAfterMs: 8_000,
    silencePromptAfterMs: 10_000,
    silencePrompts: 2,
    silenceEndsAfterMs: 30_000,
    agentSilentAfterMs: 15_000,
    warnBeforeEndMs: 60_000,
  },
  endOfCall: END_OF_CALL_LIMITS,
};
