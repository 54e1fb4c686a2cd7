import type { Evidence } from '../evidence.js';
import { endsOf, type LegEnd } from './ends.js';
import { legsOf, type Leg } from './legs.js';

/** One sentence of PROOF.md that must be true of every run. */
export interface Statement {
  readonly n: number;
  readonly says: string;
  /** What contradicts it, one line each; empty if nothing does. */
  readonly check: (facts: Facts) => string[];
}

/** The evidence, and what follows from it for more than one statement. */
export interface Facts extends Evidence {
  readonly legs: readonly Leg[];
  readonly ends: readonly LegEnd[];
}

export function factsOf(evidence: Evidence): Facts {
  const legs = legsOf(evidence);
  return { ...evidence, legs, ends: endsOf(evidence, legs) };
}

/** How a leg is named in a violation: no number, which stands in the ledger. */
export const name = (leg: Leg): string => `${leg.sid} (${leg.callId ?? 'unlabelled'}, attempt ${leg.attempt ?? '?'})`;
