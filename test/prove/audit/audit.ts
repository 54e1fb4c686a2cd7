import type { Evidence } from '../evidence.js';
import { spreadOf, type EndClass, type Spread } from './ends.js';
import { legStatements } from './legs-statements.js';
import { recordStatements } from './record-statements.js';
import { factsOf, type Facts, type Statement } from './statement.js';
import { systemStatements } from './system-statements.js';

export const statements: readonly Statement[] = [...legStatements, ...recordStatements, ...systemStatements].toSorted(
  (a, b) => a.n - b.n,
);

export interface Violation {
  readonly statement: number;
  readonly says: string;
  readonly what: string;
}

export interface Verdict {
  readonly calls: number;
  readonly legs: number;
  /** Those that counted: they overlapped a live call. */
  readonly faults: Readonly<Record<string, number>>;
  readonly faultsCounted: number;
  /** Of them process, Redis or carrier-API faults. */
  readonly systemFaultShare: number;
  readonly violations: readonly Violation[];
  readonly endToCarrierEndedMs: Readonly<Record<EndClass, Spread>>;
  readonly endedBy: Readonly<Record<string, number>>;
  readonly causes: Readonly<Record<string, number>>;
  readonly doubleDials: number;
  readonly healthyCut: number;
  readonly farewells: { readonly heardWhole: number; readonly of: number };
  readonly attacks: number;
  readonly webhooks: number | null;
  readonly seed: number;
}

/** Pure: what the witnesses say, and what of it breaks the promise. */
export function audit(evidence: Evidence): Verdict {
  const facts = factsOf(evidence);
  const violations = statements.flatMap(({ n, says, check }) => check(facts).map((what) => ({ statement: n, says, what })));
  const faults = countedFaults(facts);
  const total = Object.values(faults).reduce((sum, { count }) => sum + count, 0);
  const system = Object.values(faults).reduce((sum, { count, isSystem }) => sum + (isSystem ? count : 0), 0);
  const spread = (of: EndClass): Spread => spreadOf(facts.ends.filter((end) => end.class === of).map(({ ms }) => ms));
  const overs = facts.records.flatMap(({ attempts, end }) =>
    end ? [end] : attempts.flatMap(({ over }) => (over ? [over] : [])),
  );
  const farewells = facts.legs.flatMap(({ farewell }) => (farewell ? [farewell] : []));
  return {
    calls: facts.records.length,
    legs: facts.legs.length,
    faults: Object.fromEntries(Object.entries(faults).map(([kind, { count }]) => [kind, count])),
    faultsCounted: total,
    systemFaultShare: total === 0 ? 0 : Math.round((system / total) * 100) / 100,
    violations,
    endToCarrierEndedMs: { none: spread('none'), process: spread('process'), redis: spread('redis'), carrier: spread('carrier') },
    endedBy: tally(overs.map(({ endedBy }) => endedBy)),
    causes: tally(overs.map(({ cause }) => cause)),
    doubleDials: violations.filter(({ statement }) => [5, 6, 7, 20].includes(statement)).length,
    healthyCut: violations.filter(({ statement }) => statement === 14 || statement === 17).length,
    farewells: {
      heardWhole: farewells.filter(({ heardMs, generatedMs }) => heardMs >= generatedMs - 1).length,
      of: farewells.length,
    },
    attacks: facts.attacks.length,
    webhooks: facts.webhooks?.length ?? null,
    seed: facts.run.seed,
  };
}

/** What the carrier's API does to everybody, and not to one call's sound or callbacks. */
const OF_THE_API = /^(create|update|list|fetch|rest)-/;

function countedFaults({ faults, legs, ledger }: Facts): Record<string, { count: number; isSystem: boolean }> {
  const counted: Record<string, { count: number; isSystem: boolean }> = {};
  const add = (kind: string, isSystem: boolean): void => {
    const entry = (counted[kind] ??= { count: 0, isSystem });
    entry.count++;
  };
  const isLive = (at: number, until: number): boolean =>
    legs.some(({ createdAt, endedAt }) => createdAt <= until && (endedAt ?? Number.POSITIVE_INFINITY) >= at);
  for (const fault of faults)
    if ((fault.class === 'process' || fault.class === 'redis') && isLive(fault.at, fault.until)) add(fault.kind, true);
  // A stalled stream is asked every 20 ms: one call counts once a kind.
  const seen = new Set<string>();
  for (const line of ledger) {
    if (line.kind !== 'fault-struck' || !isLive(line.at, line.at)) continue;
    const which = `${String(line['fault'])} ${line.callSid ?? line.seq}`;
    if (seen.has(which)) continue;
    seen.add(which);
    add(String(line['fault']), OF_THE_API.test(String(line['fault'])));
  }
  return counted;
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
