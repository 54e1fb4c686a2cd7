import { z } from 'zod';
import { EVENT_FILTER } from '../call-events.js';
import { isEndpointId, type EndpointId } from '../webhook-ids.js';
import { noBody, webhookUrl } from './pieces.js';
import { defineRoute } from './route.js';

const time = z.string().meta({ format: 'date-time' });

const types = z
  .array(z.string().max(64).regex(EVENT_FILTER, 'Must be a type of event, or the beginning of some: call.ended, call.*'))
  .max(30)
  .meta({ description: 'Which types it wants: `call.ended`, `call.*`. None: all.' });

const description = z.string().max(200).meta({ description: 'Yours.' });

const endpointId = z
  .string()
  .transform((text) => text as EndpointId)
  .refine(isEndpointId)
  .meta({ description: 'An endpoint’s id; `wh_call` stands for the `webhookUrl` of single calls.' });

const endpointParams = z.strictObject({ id: endpointId });

export const createEndpointBody = z.strictObject({
  url: webhookUrl,
  types: types.default([]),
  description: description.default(''),
  enabled: z.boolean().default(true),
});

export const changeEndpointBody = z.strictObject({
  url: webhookUrl.optional(),
  types: types.optional(),
  description: description.optional(),
  enabled: z
    .boolean()
    .optional()
    .meta({ description: 'False: nothing is sent, and nothing is kept for it. True: begins anew, also after 410.' }),
});

export const endpointView = z
  .object({
    id: z.string(),
    url: z.string(),
    types: z.array(z.string()),
    description: z.string(),
    enabled: z.boolean(),
    status: z.enum(['ok', 'failing', 'disabled', 'gone']).meta({
      description:
        '`failing`: a delivery was given up after all its tries, and none has arrived since. `gone`: it answered 410 and was disabled. `disabled`: somebody did that.',
    }),
    since: time.nullable().meta({ description: 'Since when it is failing, disabled or gone.' }),
    createdAt: time,
    oldSecretUntil: time.nullable().meta({ description: 'Until when the secret before signs as well.' }),
  })
  .meta({ id: 'WebhookEndpoint', description: 'An address that is told of events.' });
export type EndpointView = z.output<typeof endpointView>;

const endpointWithSecret = endpointView
  .extend({ secret: z.string().meta({ description: 'Shown this once. Standard Webhooks libraries take it as it is.' }) })
  .meta({ id: 'WebhookEndpointWithSecret' });

const tag = 'Webhooks';

export const webhookEndpointRoutes = {
  create: defineRoute({
    id: 'createWebhookEndpoint',
    method: 'POST',
    path: '/v1/webhook-endpoints',
    tag,
    summary: 'Have events sent to an address.',
    description:
      'Messages are signed by the Standard Webhooks. The secret is shown here and at no other time; a lost one is rotated. What happened before is not sent.',
    scope: 'settings:write',
    body: createEndpointBody,
    answer: { status: 201, description: 'The endpoint, with its secret.', json: endpointWithSecret },
    problems: ['too-many-endpoints'],
    idempotency: 'once',
    example: { body: { url: 'https://example.com/onhook', types: ['call.ended'] } },
  }),
  list: defineRoute({
    id: 'listWebhookEndpoints',
    method: 'GET',
    path: '/v1/webhook-endpoints',
    tag,
    summary: 'All webhook endpoints, oldest first.',
    scope: 'settings:read',
    answer: { status: 200, description: 'At most 50.', json: z.object({ data: z.array(endpointView) }) },
  }),
  get: defineRoute({
    id: 'getWebhookEndpoint',
    method: 'GET',
    path: '/v1/webhook-endpoints/{id}',
    tag,
    summary: 'One webhook endpoint.',
    scope: 'settings:read',
    params: endpointParams,
    answer: { status: 200, description: 'The endpoint.', json: endpointView },
  }),
  change: defineRoute({
    id: 'updateWebhookEndpoint',
    method: 'PATCH',
    path: '/v1/webhook-endpoints/{id}',
    tag,
    summary: 'Change a webhook endpoint, switch it off or on.',
    scope: 'settings:write',
    params: endpointParams,
    body: changeEndpointBody,
    answer: { status: 200, description: 'The endpoint as it is now.', json: endpointView },
    problems: ['not-for-single-calls'],
    example: { body: { enabled: true } },
  }),
  remove: defineRoute({
    id: 'deleteWebhookEndpoint',
    method: 'DELETE',
    path: '/v1/webhook-endpoints/{id}',
    tag,
    summary: 'Remove a webhook endpoint. What waits for it is skipped.',
    scope: 'settings:write',
    params: endpointParams,
    answer: { status: 204, description: 'It is gone.' },
    problems: ['not-for-single-calls'],
  }),
  test: defineRoute({
    id: 'testWebhookEndpoint',
    method: 'POST',
    path: '/v1/webhook-endpoints/{id}/test',
    tag,
    summary: 'Send `webhook.test` now, once, and tell how it went.',
    scope: 'settings:write',
    params: endpointParams,
    body: noBody,
    answer: {
      status: 200,
      description: 'How it went. Nothing of what was answered is shown but the status.',
      json: z.object({
        delivered: z.boolean(),
        result: z.union([z.int(), z.string()]).meta({
          description: 'The HTTP status, or why there was none: `forbidden`, `timeout`, `redirect`, `unreachable`.',
        }),
        ms: z.int(),
      }),
    },
    problems: ['not-for-single-calls'],
  }),
  rotateSecret: defineRoute({
    id: 'rotateWebhookSecret',
    method: 'POST',
    path: '/v1/webhook-endpoints/{id}/rotate-secret',
    tag,
    summary: 'A new secret; the one before signs beside it for 24 h.',
    description: 'Of `wh_call`: the secret that signs what is sent to the `webhookUrl` of single calls.',
    scope: 'settings:write',
    params: endpointParams,
    body: noBody,
    answer: { status: 200, description: 'The endpoint, with its new secret.', json: endpointWithSecret },
    idempotency: 'once',
  }),
};
