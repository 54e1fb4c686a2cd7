/** What a running campaign asks for in one round. */
export interface Claim {
  readonly id: string;
  /** Relative to the others: twice the weight, twice the calls. */
  readonly weight: number;
  /** It can use no more than so many now. */
  readonly most: number;
}

/** How far each campaign has been served, so that what one round cannot divide evenly the next ones do. */
export type Served = Map<string, number>;

/**
 * Divides `total` among the claims by weight (stride scheduling): whoever was served least for its weight comes next. What one cannot use
 * goes to the others; nobody saves up a right to later bursts.
 *
 * @param served kept by the caller from round to round; changed here
 */
export function shareOut(claims: readonly Claim[], total: number, served: Served): Map<string, number> {
  const wanting = claims.filter(({ most, weight }) => most > 0 && weight > 0);
  const known = wanting.flatMap(({ id }) => served.get(id) ?? []);
  const start = known.length > 0 ? Math.min(...known) : 0;
  const present = new Set(wanting.map(({ id }) => id));
  for (const id of served.keys()) if (!present.has(id)) served.delete(id);
  // Newcomers, and those that had nothing to ask for, begin with the one that was served least.
  for (const { id } of wanting) served.set(id, (served.get(id) ?? start) - start);

  const shares = new Map<string, number>();
  for (let left = Math.floor(total); left > 0; left--) {
    let next: Claim | null = null;
    for (const claim of wanting) {
      if ((shares.get(claim.id) ?? 0) >= claim.most) continue;
      if (!next || served.get(claim.id)! < served.get(next.id)!) next = claim;
    }
    if (!next) break;
    shares.set(next.id, (shares.get(next.id) ?? 0) + 1);
    served.set(next.id, served.get(next.id)! + 1 / next.weight);
  }
  return shares;
}

/**
 * How many calls may wait to be dialed: few, so that a pause, a cancel or an edit has little to take back, and enough that nobody waits for
 * the next round.
 */
export function callsAhead(callsPerSecond: number, aheadMs: number): number {
  return Math.max(2, Math.ceil((callsPerSecond * aheadMs) / 1_000));
}

/** A tenth of the rate at first, all of it after `rampUpSec`; carriers mistrust numbers that begin with a burst. */
export function rampedRate(callsPerSecond: number, rampUpSec: number, runningForMs: number): number {
  if (rampUpSec <= 0) return callsPerSecond;
  const share = Math.min(1, Math.max(0, runningForMs) / (rampUpSec * 1_000));
  return callsPerSecond * (0.1 + 0.9 * share);
}

/** When a campaign stops itself: something is wrong with it, and each further call makes it worse. */
export interface AutoPause {
  /** From 0 to 1. */
  readonly errorRate: number;
  /** Of fewer calls nothing is concluded. */
  readonly minCalls: number;
}

/** @param recent calls that ended lately, and how many of them by a fault: the carrier's, the agent's or ours */
export function shouldPause(rule: AutoPause | null, recent: { readonly ended: number; readonly errors: number }): boolean {
  return rule !== null && recent.ended >= rule.minCalls && recent.errors / recent.ended >= rule.errorRate;
}
