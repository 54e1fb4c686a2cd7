import type { Attempt, Policy } from './call.js';
import { longestLegMs } from './deadlines.js';

const MINUTE_MS = 60_000;

/** What the carrier may bill for one attempt at most: carriers count begun minutes, from the answer on. */
export function mostMinutes(policy: Policy): number {
  return Math.ceil(longestLegMs(policy) / MINUTE_MS);
}

/** What it bills for one that is over, as near as we know: 0 if nobody answered. */
export function usedMinutes({ answeredAt, over }: Attempt): number {
  if (answeredAt === null || over === null) return 0;
  return Math.max(1, Math.ceil((over.at - answeredAt) / MINUTE_MS));
}
