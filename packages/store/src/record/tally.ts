import type { Call } from '@onhook/call';
import type { Cause, E164 } from '@onhook/contracts';

/** What an ended call adds to the statistics of its hour. */
export interface Tally {
  readonly endedAt: number;
  readonly cause: Cause | null;
  readonly agentId: string;
  readonly attempts: readonly { readonly from: E164; readonly talkMs: number | null }[];
}

export type StatsDimension = 'all' | 'cause' | 'agent' | 'from';
/** Calls, attempts, answered attempts, milliseconds from answer to end. */
const STATS_MEASURES = ['c', 't', 'a', 'm'] as const;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** What is older is forgotten. */
export const STATS_KEPT_MS = 35 * DAY_MS;

/** Only for the commit with which the call ends: those after it change nothing that is counted. */
export function tallyOf(before: Call, after: Call): Tally | null {
  if (after.state !== 'ended' || before.state === 'ended') return null;
  return {
    endedAt: after.endedAt,
    cause: (after.end ?? after.attempts.at(-1)?.over)?.cause ?? null,
    agentId: after.agentId,
    attempts: after.attempts.map(({ from, answeredAt, over }) => ({
      from,
      talkMs: answeredAt === null ? null : Math.max(0, (over?.at ?? answeredAt) - answeredAt),
    })),
  };
}

/** `hour|dimension|which|measure`, and by how much it grows: fields of the day's statistics. */
export function tallyFields({ endedAt, cause, agentId, attempts }: Tally, nameOf: (number: E164) => string): [string, number][] {
  const hour = String(Math.floor((endedAt % DAY_MS) / HOUR_MS));
  const sums = new Map<string, number>();
  const add = (dimension: StatsDimension, which: string, [calls, tries, answered, talkMs]: readonly number[]): void => {
    [calls, tries, answered, talkMs].forEach((amount = 0, i) => {
      const field = `${hour}|${dimension}|${which}|${STATS_MEASURES[i]}`;
      if (amount > 0) sums.set(field, (sums.get(field) ?? 0) + amount);
    });
  };
  const answered = attempts.filter(({ talkMs }) => talkMs !== null).length;
  const figures = [1, attempts.length, answered, attempts.reduce((sum, { talkMs }) => sum + (talkMs ?? 0), 0)];
  add('all', '', figures);
  add('cause', cause ?? 'unknown', figures);
  add('agent', agentId, figures);
  for (const { from, talkMs } of attempts) add('from', nameOf(from), [0, 1, talkMs === null ? 0 : 1, talkMs ?? 0]);
  const lastFrom = attempts.at(-1)?.from;
  if (lastFrom !== undefined) add('from', nameOf(lastFrom), [1, 0, 0, 0]);
  return [...sums];
}
