import type { LoadRun } from './load-run.js';
import { median } from './median.js';

/** Microseconds of CPU for each frame of the carrier's, without a kernel. */
export type FrameCosts = Readonly<Record<string, number>>;

/** What one contender costs of another, in one process: what a compiler makes of the same code differs by a third from one to the next. */
export function ratioWithin(processes: readonly FrameCosts[], one: string, other: string): number {
  return median(processes.map((costs) => costs[one]! / costs[other]!));
}

/** Of the runs of one bridge at one number of calls: the median of each figure. */
export interface Point {
  readonly cpuMs: number;
  readonly rssKbPerCall: number;
  readonly toAgentMs: { readonly p50: number; readonly p99: number };
  readonly toCarrierMs: { readonly p50: number; readonly p99: number };
  readonly lost: number;
  /** The load was at its own limit. */
  readonly pacePast: boolean;
}

export type Points = Readonly<Record<string, Readonly<Record<string, Point>>>>;

export function pointsOf(runs: readonly LoadRun[]): Points {
  const points: Record<string, Record<string, Point>> = {};
  for (const { kind, calls } of runs) {
    const some = runs.filter((run) => run.kind === kind && run.calls === calls);
    const middle = (figure: (run: LoadRun) => number): number => round(median(some.map(figure)));
    (points[kind] ??= {})[calls] = {
      cpuMs: middle((run) => run.cpuMs),
      rssKbPerCall: middle((run) => run.rssKbPerCall),
      toAgentMs: { p50: middle((run) => run.toAgentMs.p50), p99: middle((run) => run.toAgentMs.p99) },
      toCarrierMs: { p50: middle((run) => run.toCarrierMs.p50), p99: middle((run) => run.toCarrierMs.p99) },
      lost: some.reduce((sum, run) => sum + run.lost, 0),
      pacePast: some.some((run) => run.pacePast),
    };
  }
  return points;
}

/**
 * Calls that take 85 % of a core, on the line through the last two points at which the load was punctual.
 *
 * @returns null if there are not two
 */
export function callsPerCore(points: Readonly<Record<string, Point>>): { calls: number; isExtrapolated: boolean } | null {
  const honest = Object.entries(points)
    .map(([calls, point]) => ({ calls: Number(calls), ...point }))
    .filter(({ pacePast }) => !pacePast)
    .sort((a, b) => a.calls - b.calls);
  const [a, b] = honest.slice(-2);
  if (!a || !b) return null;
  const [atA, atB] = [a.cpuMs * a.calls, b.cpuMs * b.calls];
  const perCall = (atB - atA) / (b.calls - a.calls);
  const calls = Math.floor(b.calls + (850 - atB) / perCall);
  return { calls, isExtrapolated: calls > b.calls };
}

/** What the controls must come out at, or the run is void. */
export function controlsAreHonest(processes: readonly FrameCosts[], points: Points): string[] {
  const doubts: string[] = [];
  const look = (what: string, ratio: number | undefined, from: number, to: number): void => {
    if (ratio !== undefined && !(ratio >= from && ratio <= to))
      doubts.push(`relay/naive ${what} is ${round(ratio)}, not ${from} to ${to}`);
  };
  look('in process', ratioWithin(processes, 'relay', 'naive'), 0.3, 0.52);
  const ratios = Object.keys(points['relay'] ?? {}).map((calls) =>
    ratio(points, 'relay', 'naive', calls, (point) => point.cpuMs),
  );
  if (ratios.length > 0) look('end to end', median(ratios), 0.8, 0.95);
  return doubts;
}

export function ratio(points: Points, one: string, other: string, calls: string, figure: (point: Point) => number): number {
  const [a, b] = [points[one]?.[calls], points[other]?.[calls]];
  return a && b ? round(figure(a) / figure(b)) : NaN;
}

export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
