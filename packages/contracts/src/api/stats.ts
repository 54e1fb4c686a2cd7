import { z } from 'zod';
import { moment } from './pieces.js';
import { defineRoute } from './route.js';

const time = z.string().meta({ format: 'date-time' });

/** What calls may be counted by. `hour` and `day` are UTC, by the end of the call. */
export const STATS_GROUPS = ['none', 'hour', 'day', 'cause', 'agent', 'from'] as const;
export type StatsGroup = (typeof STATS_GROUPS)[number];

const row = z
  .object({
    group: z.string().nullable().meta({ description: 'The hour, day, cause, agent or number; null with `groupBy=none`.' }),
    calls: z.int().meta({ description: 'That ended.' }),
    attempts: z.int(),
    answered: z.int().meta({ description: 'Attempts that were answered, by whom- or whatever.' }),
    talkMs: z.int().meta({ description: 'From answer to end, of all of them.' }),
  })
  .meta({ id: 'StatsRow' });

export const statsRoutes = {
  get: defineRoute({
    id: 'getStats',
    method: 'GET',
    path: '/v1/stats',
    tag: 'Statistics',
    summary: 'How many calls ended, were answered, and for how long was spoken, by the hour. Kept for 35 days.',
    scope: 'calls:read',
    query: z.strictObject({
      from: moment.optional().meta({ description: 'Default: 24 hours ago. Cut to the whole hour.' }),
      to: moment.optional().meta({ description: 'Default: now. The hour that it falls in counts.' }),
      groupBy: z.enum(STATS_GROUPS).default('none'),
    }),
    answer: {
      status: 200,
      description: 'The figures.',
      json: z.object({ from: time, to: time, groupBy: z.enum(STATS_GROUPS), data: z.array(row) }),
    },
    example: { query: { groupBy: 'cause' } },
  }),
};
