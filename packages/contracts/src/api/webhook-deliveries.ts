import { z } from 'zod';
import { isEndpointId, readDeliveryId, type EndpointId } from '../webhook-ids.js';
import { callId, noBody, pageOf, pageQuery } from './pieces.js';
import { defineRoute } from './route.js';

const time = z.string().meta({ format: 'date-time' });
const status = z.enum(['pending', 'delivered', 'failed', 'skipped']).meta({
  id: 'DeliveryStatus',
  description:
    '`failed`: given up after about three days, or at once by 410. `skipped`: its endpoint was disabled or removed, or the call erased.',
});

const deliveryParams = z.strictObject({
  id: z
    .string()
    .max(100)
    .transform((text, context) => {
      const name = readDeliveryId(text);
      if (name) return name;
      context.addIssue({ code: 'custom', message: 'Not a delivery’s id' });
      return z.NEVER;
    })
    .meta({ description: 'A delivery’s id.' }),
});

const endpointFilter = z
  .string()
  .transform((text) => text as EndpointId)
  .refine(isEndpointId, 'Must be an endpoint’s id')
  .optional()
  .meta({ description: 'Only to this endpoint.' });

export const deliveryView = z
  .object({
    id: z.string(),
    eventId: z.string().meta({ description: 'The `webhook-id` that is sent: the same at every try and to every endpoint.' }),
    endpointId: z.string(),
    callId: z.string(),
    type: z.string(),
    sequence: z.int(),
    happenedAt: time,
    status,
    tries: z.int(),
    triedAt: time.nullable().meta({ description: 'When it was tried last.' }),
    result: z.union([z.int(), z.string()]).nullable().meta({
      description: 'Of the last try: the HTTP status, or why there was none: `forbidden`, `timeout`, `redirect`, `unreachable`.',
    }),
    nextTryAt: time.nullable().meta({ description: 'Null also of what waits for an earlier event of the same call.' }),
  })
  .meta({ id: 'WebhookDelivery', description: 'One event of one call, on its way to one endpoint.' });
export type DeliveryView = z.output<typeof deliveryView>;

const tag = 'Webhooks';

export const webhookDeliveryRoutes = {
  list: defineRoute({
    id: 'listWebhookDeliveries',
    method: 'GET',
    path: '/v1/webhook-deliveries',
    tag,
    summary: 'What was sent, and what waits, newest first.',
    description:
      'Kept for seven days after the last try. With filters a page may be short, or empty, and still have a next one. With `callId` all of that call, on one page, in the order of its events.',
    scope: 'settings:read',
    query: z.strictObject({ ...pageQuery, endpointId: endpointFilter, callId: callId.optional(), status: status.optional() }),
    answer: { status: 200, description: 'A page of deliveries.', json: pageOf(deliveryView) },
  }),
  get: defineRoute({
    id: 'getWebhookDelivery',
    method: 'GET',
    path: '/v1/webhook-deliveries/{id}',
    tag,
    summary: 'One delivery.',
    scope: 'settings:read',
    params: deliveryParams,
    answer: { status: 200, description: 'The delivery.', json: deliveryView },
  }),
  redeliver: defineRoute({
    id: 'redeliverWebhook',
    method: 'POST',
    path: '/v1/webhook-deliveries/{id}/redeliver',
    tag,
    summary: 'Send it once more, with the same `webhook-id` and all its tries.',
    scope: 'settings:write',
    params: deliveryParams,
    body: noBody,
    answer: { status: 202, description: 'It waits for its turn.', json: deliveryView },
  }),
};
