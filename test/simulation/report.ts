import { endTimes } from './audit/ends.js';
import { gatherFacts, type Violation } from './audit/facts.js';
import { audit } from './audit/index.js';
import { branchesOf, sometimesOf, unlawful } from './coverage.js';
import type { FaultKind } from './fault-kinds.js';
import type { Run } from './run-seed.js';

/** What one seed adds to the whole. Plain data: it comes from another process. */
export interface SeedReport {
  readonly seed: number;
  readonly mode: string;
  readonly calls: number;
  readonly virtualMs: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  readonly reached: readonly string[];
  /** From the trigger to the end, where nothing stood against it. */
  readonly endMs: readonly number[];
}

export function reportOf(run: Run): SeedReport {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of run.world.weather.hits) faults[kind] = (faults[kind] ?? 0) + 1;
  const branches = branchesOf(run);
  const lawless = unlawful(branches).map((branch) => ({ statement: 11, seed: run.seed, what: `no line of the law: ${branch}` }));
  return {
    seed: run.seed,
    mode: run.plan.mode,
    calls: run.wishes.length,
    virtualMs: run.endedAt - run.world.beganAt,
    faults,
    violations: [...audit(run), ...lawless],
    traceHash: run.traceHash,
    reached: [...branches, ...sometimesOf(run)],
    endMs: endTimes(gatherFacts(run)).flatMap(({ ms, around }) => (around.length === 0 ? [Math.max(0, Math.round(ms))] : [])),
  };
}
