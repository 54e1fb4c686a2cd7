import type { Load } from './load-gauge.js';

/** Is this process so busy that another call would harm the ones it has? Pure; looked at once with each beat. */
export interface Overload {
  look(load: Load): boolean;
}

export interface OverloadLimits {
  /** Share of the event loop's time, 0 to 1. */
  readonly maxUtilisation: number;
  readonly maxLagMs: number;
}

/** It is over only when both are clearly below: a process at its limit would else open and close with every beat. */
const CLEARLY_BELOW = 0.85;
/** One long pause (a collection of garbage, a frozen machine) is no overload. */
const LOOKS_IN_A_ROW = 2;

export function createOverload({ maxUtilisation, maxLagMs }: OverloadLimits): Overload {
  let isOver = false;
  let looks = 0;
  return {
    look({ utilisation, lagMs }) {
      const share = Math.max(utilisation / maxUtilisation, lagMs / maxLagMs);
      looks = share >= 1 ? looks + 1 : 0;
      if (looks >= LOOKS_IN_A_ROW) isOver = true;
      else if (share < CLEARLY_BELOW) isOver = false;
      return isOver;
    },
  };
}
