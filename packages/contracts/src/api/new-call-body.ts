import { z } from 'zod';
import { moment, webhookUrl } from './pieces.js';

export const values = z.record(z.string().max(64), z.union([z.string().max(1_000), z.number(), z.boolean()]));

export const schedule = z.strictObject({
  earliestAt: moment.optional(),
  latestAt: moment.optional().meta({ description: 'Not dialed after this: it ends with the cause `expired`.' }),
});

/** When a call is dialed again. Only after an end that the carrier has proven: nobody is rung twice in doubt. */
const retry = z.strictObject({
  maxAttempts: z.int().min(1).max(10).default(1).meta({ description: 'Dials in all.' }),
  on: z
    .array(z.enum(['no-answer', 'busy', 'failed', 'voicemail']))
    .min(1)
    .max(4)
    .default(['no-answer', 'busy']),
  delaySeconds: z.int().min(10).max(86_400).default(900),
  backoff: z.enum(['fixed', 'exponential']).default('exponential'),
  maxDelaySeconds: z.int().min(10).max(604_800).default(14_400),
});

/** What a machine that answers meets, in place of what the agent's file says. */
const voicemail = z.strictObject({
  detect: z.boolean().default(true).meta({ description: 'Ask the carrier to find out who answers (it charges for it).' }),
  action: z
    .enum(['hang-up', 'leave-message', 'continue'])
    .optional()
    .meta({ description: '`leave-message` leaves the message of the agent’s file.' }),
});

/** `POST /v1/calls`. Unknown fields are refused, so that a misspelt one is never silently ignored. */
export const createCallBody = z.strictObject({
  to: z.string().meta({ description: 'Whom to call, in E.164: `+14155552671`.' }),
  from: z.string().optional().meta({ description: 'One of the configured numbers; without it one is chosen.' }),
  agentId: z.string().optional().meta({ description: 'May be left out if there is one agent.' }),
  variables: values.default({}).meta({ description: 'Fills `{{placeholders}}` in the agent’s texts.' }),
  metadata: values.default({}).meta({ description: 'Yours: stored, returned, filterable, never read.' }),
  schedule: schedule.default({}),
  /** What is not said here is as the agent's file has it. */
  limits: z
    .strictObject({
      ringTimeoutSeconds: z.int().min(5).max(600).optional(),
      maxDurationSeconds: z.int().min(30).max(3_000).optional(),
    })
    .default({}),
  retry: retry.optional().meta({ description: 'Without it the call is dialed once.' }),
  voicemail: voicemail.optional(),
  webhookUrl: webhookUrl.optional().meta({ description: 'Told of this call’s events, beside the webhook endpoints.' }),
});
export type CreateCallBody = z.output<typeof createCallBody>;
