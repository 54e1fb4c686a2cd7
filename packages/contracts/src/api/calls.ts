import { z } from 'zod';
import { callListQuery } from './call-filters.js';
import { callPlanView, callView, timelineEntryView, transcriptView } from './call-view.js';
import { createCallBody } from './new-call-body.js';
import { callParams, pageOf, pageQuery, queryFlag, queryNumber } from './pieces.js';
import { defineRoute } from './route.js';

const tag = 'Calls';

export const callRoutes = {
  create: defineRoute({
    id: 'createCall',
    method: 'POST',
    path: '/v1/calls',
    tag,
    summary: 'Accept one call.',
    description:
      '201 means that the call is stored and will end in exactly one explained state. With an Idempotency-Key the request can be repeated safely: the answer is the first call.',
    scope: 'calls:write',
    query: z.strictObject({
      dryRun: queryFlag.optional().meta({ description: '`true`: check everything, say what would happen, place nothing.' }),
    }),
    body: createCallBody,
    answer: {
      status: 201,
      description: 'Accepted. Location names it.',
      json: callView,
      headers: { Location: 'The call’s path.' },
    },
    alsoAnswers: { 200: { description: 'With dryRun: what would happen. Nothing was stored.', json: callPlanView } },
    idempotency: 'own',
    example: { body: { to: '+14155552671', agentId: 'reminder', variables: { name: 'Ada' }, metadata: { orderId: '8841' } } },
  }),
  list: defineRoute({
    id: 'listCalls',
    method: 'GET',
    path: '/v1/calls',
    tag,
    summary: 'List calls, newest first.',
    scope: 'calls:read',
    description:
      'At most 5 000 calls are looked at for one page: with filters that few calls fit, a page may be short, even empty, and still have a nextCursor. createdAfter and createdBefore narrow what is looked at.',
    query: callListQuery,
    answer: { status: 200, description: 'A page of calls.', json: pageOf(callView) },
    problems: ['newer-release'],
  }),
  get: defineRoute({
    id: 'getCall',
    method: 'GET',
    path: '/v1/calls/{id}',
    tag,
    summary: 'One call, with its timeline.',
    scope: 'calls:read',
    params: callParams,
    query: z.strictObject({
      include: z
        .string()
        .max(100)
        .transform((text) => text.split(','))
        .pipe(z.array(z.enum(['timeline', 'transcript'])))
        .default(['timeline'])
        .meta({ description: 'What comes with it: `timeline`, `transcript`, or both with a comma.' }),
    }),
    answer: {
      status: 200,
      description: 'The call.',
      json: callView.extend({ transcript: transcriptView.nullable().optional() }),
    },
    problems: ['newer-release'],
  }),
  timeline: defineRoute({
    id: 'getCallTimeline',
    method: 'GET',
    path: '/v1/calls/{id}/timeline',
    tag,
    summary: 'What happened, when, told by whom, and what it changed.',
    scope: 'calls:read',
    params: callParams,
    query: z.strictObject({
      ...pageQuery,
      limit: queryNumber(1, 1_000).default(1_000).meta({ description: 'How many at most, 1 to 1000.' }),
    }),
    answer: { status: 200, description: 'The timeline, oldest first.', json: pageOf(timelineEntryView) },
    problems: ['newer-release'],
  }),
};
