import { z } from 'zod';
import { defineRoute } from './route.js';

const tag = 'Health';

export const healthRoutes = {
  healthz: defineRoute({
    id: 'isRunning',
    method: 'GET',
    path: '/healthz',
    tag,
    summary: 'This process runs.',
    scope: null,
    answer: { status: 200, description: 'It runs.', json: z.object({ status: z.literal('ok') }) },
  }),
  readyz: defineRoute({
    id: 'isReady',
    method: 'GET',
    path: '/readyz',
    tag,
    summary: 'Calls can be accepted; says which of dialer, hangup and gateway are missing.',
    scope: null,
    answer: {
      status: 200,
      description: 'Redis answers. `degraded`: calls are accepted and wait for who is missing.',
      json: z.object({
        status: z.enum(['ready', 'degraded']),
        missing: z.array(z.enum(['dialer', 'hangup', 'gateway'])),
        dialers: z.int(),
        hangupWorkers: z.int(),
        gateways: z.int(),
        freeSeats: z.int(),
      }),
    },
  }),
};
