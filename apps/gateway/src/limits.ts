import { END_OF_CALL_LIMITS, type EndOfCallLimits } from './end-of-call.js';

/** Every time limit of a live call. All milliseconds. */
export interface GatewayLimits {
  /** From the upgrade to a valid `start` that we accepted. */
  readonly startWithinMs: number;
  readonly agentReadyWithinMs: number;
  /** Frames come every 20 ms, in silence too: this long without one, and the stream is dead. */
  readonly mediaLostAfterMs: number;
  /** Nobody speaks. */
  readonly silenceEndsAfterMs: number;
  /** From asking for the end to closing the sockets ourselves, whatever others do. */
  readonly fuseMs: number;
  /** How long we wait for both sockets to say that they are closed. */
  readonly socketsCloseWithinMs: number;
  /** How long we try to tell the record what happened. */
  readonly reportWithinMs: number;
  /** A media lease that nobody renews. */
  readonly leaseMs: number;
  readonly endOfCall: EndOfCallLimits;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  startWithinMs: 5_000,
  agentReadyWithinMs: 5_000,
  mediaLostAfterMs: 8_000,
  silenceEndsAfterMs: 30_000,
  fuseMs: 3_000,
  socketsCloseWithinMs: 3_000,
  reportWithinMs: 120_000,
  leaseMs: 6_000,
  endOfCall: END_OF_CALL_LIMITS,
};
