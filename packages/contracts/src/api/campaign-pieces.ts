import { z } from 'zod';
import { CAMPAIGN_ID, type CampaignId } from '../ids.js';
import { createCallBody } from './new-call-body.js';
import { moment } from './pieces.js';

/** What the routes of campaigns are made of. */

const time = z.string().meta({ format: 'date-time' });
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const campaignParams = z.strictObject({
  id: z
    .string()
    .regex(CAMPAIGN_ID)
    .transform((text) => text as CampaignId)
    .meta({ description: 'A campaign’s id.', examples: ['camp_01kaq3v4e8f0zr2m5t7w9y1b3d'] }),
});

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Must be a time like 09:00');
const callingWindow = z
  .strictObject({
    days: z
      .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
      .min(1)
      .max(7),
    start: clockTime,
    end: z.union([clockTime, z.literal('24:00')]),
  })
  .refine(({ start, end }) => start < end, { path: ['end'], error: 'Must be later than start: a window does not cross midnight' })
  .meta({ id: 'CallingWindow', description: 'Half-open, by the callee’s own clock: nobody is dialed at `end` any more.' });

const schedule = z.strictObject({
  startAt: moment.nullable().optional().meta({ description: 'Nobody is called before.' }),
  endAt: moment.nullable().optional().meta({ description: 'Whoever was not called by then is skipped as `expired`.' }),
  windows: z.array(callingWindow).min(1).max(50).optional().meta({ description: 'Without: every day from 08:00 to 20:00.' }),
  excludeDates: z.array(z.iso.date()).max(400).optional().meta({ description: 'Local dates on which nobody is called.' }),
  fallbackTimeZone: z.string().max(64).nullable().optional().meta({
    description:
      'Of contacts whose own zone and whose number’s zone nobody knows. Without it they are skipped as `time-zone-unknown`.',
  }),
});

const perSecond = z.number().min(0.01).max(1_000);

export const campaignSettings = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  agentId: z.string().optional().meta({ description: 'May be left out if there is one agent.' }),
  from: z
    .array(z.string())
    .max(1_000)
    .optional()
    .meta({ description: 'Numbers to call from, in rotation. Empty: all of the account.' }),
  schedule: schedule.optional(),
  maxConcurrency: z.int().min(1).max(100_000).nullable().optional().meta({ description: 'Calls in flight at a time.' }),
  callsPerSecond: perSecond.nullable().optional(),
  rampUpSeconds: z.int().min(0).max(86_400).optional().meta({ description: 'From a tenth of the pace to all of it.' }),
  weight: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Its share beside other running campaigns: twice the weight, twice the calls.' }),
  budget: z
    .strictObject({
      minutes: z.int().min(1).nullable().optional(),
      money: z.number().min(0.01).nullable().optional().meta({ description: 'In the currency of PRICE_PER_MINUTE.' }),
    })
    .optional(),
  autoPause: z
    .strictObject({ errorRate: z.number().min(0.01).max(1), minCalls: z.int().min(1).max(100_000) })
    .nullable()
    .optional()
    .meta({ description: 'It pauses itself when, of the calls of the last 15 minutes, so many were ended by a fault.' }),
  testMode: z.boolean().optional().meta({ description: 'Calls the first contact only, and pauses.' }),
  limits: createCallBody.shape.limits.unwrap().optional(),
  retry: createCallBody.shape.retry,
  voicemail: createCallBody.shape.voicemail,
  metadata: createCallBody.shape.metadata
    .unwrap()
    .optional()
    .meta({ description: 'Of each of its calls. Yours: stored, returned, never read.' }),
});
export type CampaignSettings = z.output<typeof campaignSettings>;

export const newContact = z
  .strictObject({
    to: z.string().max(64),
    name: z.string().max(200).optional(),
    externalId: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Your own name for it. No two contacts of a campaign have the same; without one the number counts.' }),
    timeZone: z.string().max(64).optional().meta({ description: 'IANA. Without it the number says where it may be.' }),
    variables: createCallBody.shape.variables,
  })
  .meta({ id: 'NewContact' });

export const createCampaignBody = campaignSettings.extend({
  name: z.string().min(1).max(200),
  start: z.boolean().default(false),
  contacts: z.array(newContact).max(1_000).default([]),
});
export type CreateCampaignBody = z.output<typeof createCampaignBody>;

export const ledgerView = z
  .object({
    contacts: z.int(),
    pending: z.int().meta({ description: 'Not begun.' }),
    scheduled: z.int().meta({ description: 'Waits for its next attempt.' }),
    active: z.int().meta({ description: 'Has a call that is to be dialed, is dialed, or is live.' }),
    done: z.int().meta({ description: 'Its call is over, however it ended.' }),
    skipped: z.record(z.string(), z.int()).meta({ description: 'Not called, by reason.' }),
    canceled: z.int(),
    balanced: z.boolean().meta({ description: 'contacts = pending + scheduled + active + done + skipped + canceled.' }),
  })
  .meta({ id: 'Ledger', description: 'Each contact is in exactly one of these.' });

export const campaignView = z
  .object({
    id: z.string(),
    status: z.enum(['draft', 'running', 'paused', 'completed', 'canceled']),
    pausedBy: z.enum(['operator', 'errors', 'test']).nullable(),
    revision: z.int(),
    name: z.string(),
    agentId: z.string(),
    from: z.array(z.string()),
    schedule: z.object({
      startAt: time.nullable(),
      endAt: time.nullable(),
      windows: z.array(z.object({ days: z.array(z.string()), start: z.string(), end: z.string() })),
      excludeDates: z.array(z.string()),
      fallbackTimeZone: z.string().nullable(),
    }),
    maxConcurrency: z.int().nullable(),
    callsPerSecond: z.number().nullable(),
    rampUpSeconds: z.int(),
    weight: z.int(),
    budget: z.object({ minutes: z.int().nullable(), money: z.number().nullable() }),
    autoPause: z.object({ errorRate: z.number(), minCalls: z.int() }).nullable(),
    testMode: z.boolean(),
    metadata: values,
    createdAt: time,
    ledger: ledgerView,
    attempts: z.int().meta({ description: 'Dials of calls that have ended.' }),
    answered: z.int().meta({ description: 'Contacts whose call was answered.' }),
    links: z.object({ self: z.string(), contacts: z.string(), stats: z.string(), template: z.string() }),
  })
  .meta({ id: 'Campaign' });
export type CampaignView = z.output<typeof campaignView>;

export const contactView = z
  .object({
    id: z.string(),
    to: z.string(),
    name: z.string().nullable(),
    externalId: z.string().nullable(),
    timeZones: z.array(z.string()).meta({ description: 'In one of which it is; the window must be open in all of them.' }),
    variables: values,
    status: z.enum(['pending', 'scheduled', 'active', 'done', 'skipped', 'canceled']),
    reason: z.string().nullable().meta({ description: 'Why its call ended, or why it is skipped.' }),
    attempts: z.int(),
    answered: z.boolean(),
    endedAt: time.nullable(),
    durationSeconds: z.int().nullable(),
    callId: z.string().nullable().meta({ description: 'Its call, once it has one.' }),
  })
  .meta({ id: 'Contact' });
export type ContactView = z.output<typeof contactView>;

export const importReport = z
  .object({
    importId: z.string(),
    dryRun: z.boolean(),
    accepted: z.int(),
    duplicates: z.int().meta({ description: 'In the campaign before, or twice in the file: left out. Not known of a dry run.' }),
    failed: z.int(),
    timeZoneUnknown: z.int().meta({ description: 'Accepted and skipped: nobody knows their time zone.' }),
    windowNeverOpens: z.int().meta({ description: 'Accepted, but the window never opens in all zones that they may be in.' }),
    memoryBytes: z.int().meta({ description: 'About what they take, or would take, of Redis.' }),
    stopped: z
      .object({ code: z.string(), message: z.string(), line: z.int() })
      .nullable()
      .meta({ description: 'Why the rest of the file was not read. What was read before counts.' }),
    failures: z
      .array(z.object({ line: z.int(), column: z.string(), value: z.string(), code: z.string(), message: z.string() }))
      .meta({ description: 'The first hundred; `failuresUrl` has ten thousand.' }),
    failuresUrl: z.string().nullable(),
  })
  .meta({ id: 'ImportReport' });
