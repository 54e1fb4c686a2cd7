import type { Evidence, FaultLine, RecordLine } from '../evidence.js';
import { overlapping, type Leg } from './legs.js';

export type EndClass = 'none' | 'process' | 'redis' | 'carrier';

/** From what called for the end of a leg to the end that the carrier saw. */
export interface LegEnd {
  readonly leg: Leg;
  readonly triggerAt: number;
  /** What called for it: the farewell that the callee heard to its end, or an end that was asked for on the record. */
  readonly trigger: 'farewell' | 'asked';
  readonly ms: number;
  readonly class: EndClass;
  /** What the class allows. */
  readonly boundMs: number;
}

/** What the carrier or the callee did is no end of ours. */
const NOT_OURS = new Set(['callee', 'ring-timeout', 'carrier', 'dial-over', 'queue-expired', 'hangup-on-star']);
/** A fault that is over still has consequences: a process starts anew, a lease runs out, a look is repeated. */
const AFTERMATH_MS = 10_000;
const NO_FAULT_MS = 3_000;
const FAULT_MS = 10_000;

export function endsOf({ faults, records }: Pick<Evidence, 'faults' | 'records'>, legs: readonly Leg[]): LegEnd[] {
  const byId = new Map(records.map((record) => [record.callId, record]));
  const ends: LegEnd[] = [];
  for (const leg of legs) {
    const trigger = triggerOf(leg, byId.get(leg.callId ?? ''));
    if (!trigger || leg.endedAt === null) continue;
    const near = overlapping(faults, trigger.at - AFTERMATH_MS, leg.endedAt);
    const struck = leg.struckBy.some(({ at }) => at >= trigger.at - AFTERMATH_MS && at <= leg.endedAt!);
    const endClass = classOf(near, struck);
    // An outage allows ten seconds beyond its own end, whenever that was.
    const outages = near.filter((fault) => fault.class === 'redis' || fault.class === 'carrier');
    const outageLeftMs = Math.max(0, ...outages.map((fault) => fault.until - trigger.at));
    ends.push({
      leg,
      triggerAt: trigger.at,
      trigger: trigger.what,
      ms: Math.max(0, Math.round(leg.endedAt - trigger.at)),
      class: endClass,
      boundMs: endClass === 'none' ? NO_FAULT_MS : FAULT_MS + outageLeftMs,
    });
  }
  return ends;
}

function classOf(near: readonly FaultLine[], struck: boolean): EndClass {
  if (near.some((fault) => fault.class === 'redis')) return 'redis';
  if (struck || near.some((fault) => fault.class === 'carrier')) return 'carrier';
  if (near.some((fault) => fault.class === 'process')) return 'process';
  return 'none';
}

function triggerOf(leg: Leg, record: RecordLine | undefined): { at: number; what: LegEnd['trigger'] } | null {
  if (leg.endedBy !== null && NOT_OURS.has(leg.endedBy)) return null;
  const { farewell } = leg;
  if (farewell?.lastPlayedAt && farewell.heardMs >= farewell.generatedMs - 1)
    return { at: farewell.lastPlayedAt, what: 'farewell' };
  const asked = record?.timeline.find(
    ({ event, detail, verdict }) =>
      event === 'end-asked' &&
      verdict === 'moved' &&
      (detail['n'] === undefined || detail['n'] === leg.attempt) &&
      detail['withWords'] !== true,
  );
  if (!asked || asked.at < leg.createdAt) return null;
  return { at: asked.at, what: 'asked' };
}

export interface Spread {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | null => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? null };
}
