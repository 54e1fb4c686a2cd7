import { z } from 'zod';
import { CALL_EVENTS, type CallEventType } from '../call-events.js';
import { callView } from './call-view.js';

/** One type of event that is sent to webhook endpoints. */
export interface WebhookEvent {
  readonly summary: string;
  /** The whole body that is sent. */
  readonly body: z.ZodType;
}

/** The body of a message about a call: of a webhook, and of a live event. */
export const callMessage = z
  .object({
    type: z.enum(Object.keys(CALL_EVENTS) as [CallEventType, ...CallEventType[]]),
    timestamp: z.string().meta({ format: 'date-time', description: 'When it happened.' }),
    sequence: z.int().meta({ description: 'A later event of the same call has a greater one.' }),
    data: callView.meta({
      description: 'The call as it is when this is sent: a message that comes late tells of a call that has gone on.',
    }),
  })
  .meta({ id: 'CallMessage', description: 'Something happened to a call.' });

const testMessage = z
  .object({
    type: z.literal('webhook.test'),
    timestamp: z.string().meta({ format: 'date-time' }),
    sequence: z.literal(0),
    data: z.object({ endpointId: z.string() }),
  })
  .meta({ id: 'TestMessage', description: 'Sent when somebody asks for it.' });

/** By type: `call.ended`. What stands here is in the OpenAPI document and on the docs page. */
export const WEBHOOK_EVENTS: Readonly<Record<string, WebhookEvent>> = {
  ...Object.fromEntries(Object.entries(CALL_EVENTS).map(([type, summary]) => [type, { summary, body: callMessage }])),
  'webhook.test': { summary: 'Somebody asked for a test.', body: testMessage },
};
