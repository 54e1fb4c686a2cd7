import { z } from 'zod';
import { callView } from './call-view.js';
import { schedule, values } from './new-call-body.js';
import { callParams, noBody } from './pieces.js';
import { defineRoute } from './route.js';

/** `POST /v1/calls/:id/end`. */
export const endCallBody = z.strictObject({
  message: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'Last words, which the agent says first if it is in the conversation.' }),
});

/** `PATCH /v1/calls/:id`. What is not given stays; what is given replaces the whole field. */
const changeCallBody = z.strictObject({
  schedule: schedule.optional().meta({ description: '`earliestAt` in the past means now.' }),
  variables: values.optional(),
  metadata: values.optional(),
});
export type ChangeCallBody = z.output<typeof changeCallBody>;

const tag = 'Calls';

export const callChangeRoutes = {
  change: defineRoute({
    id: 'changeCall',
    method: 'PATCH',
    path: '/v1/calls/{id}',
    tag,
    summary: 'Change a call that waits: when it is dialed, its variables, its metadata.',
    scope: 'calls:write',
    params: callParams,
    body: changeCallBody,
    answer: { status: 200, description: 'The call as it is now.', json: callView },
    problems: ['call-not-changeable', 'newer-release'],
    example: { body: { schedule: { earliestAt: '2026-12-01T09:00:00-08:00' } } },
  }),
  cancel: defineRoute({
    id: 'cancelCall',
    method: 'POST',
    path: '/v1/calls/{id}/cancel',
    tag,
    summary: 'Cancel a call before it is dialed. Never hangs up: once it is being dialed this is refused.',
    scope: 'calls:write',
    params: callParams,
    body: noBody,
    answer: { status: 202, description: 'It will not be dialed.', json: callView },
    problems: ['call-not-cancelable', 'newer-release'],
  }),
  end: defineRoute({
    id: 'endCall',
    method: 'POST',
    path: '/v1/calls/{id}/end',
    tag,
    summary: 'End the call: cancel it before it is dialed, hang up after.',
    scope: 'calls:write',
    params: callParams,
    body: endCallBody,
    answer: { status: 202, description: 'The end is asked for, durably.', json: callView },
    problems: ['call-not-live', 'newer-release'],
    example: { body: { message: 'I have to go now. Goodbye!' } },
  }),
  retry: defineRoute({
    id: 'retryCall',
    method: 'POST',
    path: '/v1/calls/{id}/retry',
    tag,
    summary: 'A new call to the same person about the same thing, linked by retryOf. The first one must have ended.',
    scope: 'calls:write',
    params: callParams,
    body: noBody,
    answer: {
      status: 201,
      description: 'Accepted. Location names it.',
      json: callView,
      headers: { Location: 'The new call’s path.' },
    },
    problems: ['call-not-over', 'call-erased', 'newer-release'],
    idempotency: 'own',
  }),
};
