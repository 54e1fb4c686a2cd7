import { statsRoutes, type StatsGroup } from '@onhook/contracts';
import type { StatsRow } from '@onhook/store';
import type { ApiDeps } from '../api-deps.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

const DAY_MS = 24 * 3_600_000;
const MOST_DAYS = 35;

/** `/v1/stats`: how calls turned out, by the hour in which they ended. */
export function addStatsRoutes(
  serve: Serve,
  { stats, clock, settings, within }: Pick<ApiDeps, 'stats' | 'clock' | 'settings'> & { within: Within },
): void {
  serve(statsRoutes.get, async ({ query }) => {
    const to = query.to === undefined ? clock.now() : Date.parse(query.to);
    const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from);
    if (from > to || to - from > MOST_DAYS * DAY_MS) {
      const message = from > to ? 'Must be before to' : `At most ${MOST_DAYS} days at once`;
      return refusal('validation-failed', { errors: [{ pointer: '/from', code: 'invalid-value', message }] });
    }
    const { groupBy } = query;
    const by = groupBy === 'cause' || groupBy === 'agent' || groupBy === 'from' ? groupBy : 'all';
    const rows = await within(stats.read({ from, to, by, numbers: settings.fromNumbers }));
    return { body: { from: iso(from), to: iso(to), groupBy, data: summed(rows, groupBy) } };
  });
}

interface Sum {
  group: string | null;
  calls: number;
  attempts: number;
  answered: number;
  talkMs: number;
}

function summed(rows: readonly StatsRow[], groupBy: StatsGroup): Sum[] {
  const sums = new Map<string | null, Sum>();
  for (const row of rows) {
    const group = groupOf(row, groupBy);
    const sum = sums.get(group) ?? { group, calls: 0, attempts: 0, answered: 0, talkMs: 0 };
    sums.set(group, sum);
    sum.calls += row.calls;
    sum.attempts += row.attempts;
    sum.answered += row.answered;
    sum.talkMs += row.talkMs;
  }
  return [...sums.values()];
}

function groupOf({ hour, which }: StatsRow, groupBy: StatsGroup): string | null {
  if (groupBy === 'none') return null;
  if (groupBy === 'hour') return iso(hour);
  if (groupBy === 'day') return iso(hour).slice(0, 10);
  return which;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
