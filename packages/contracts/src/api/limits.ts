import { z } from 'zod';
import { NUMBER_TYPES } from '../destination.js';
import { defineRoute } from './route.js';

const time = z.string().meta({ format: 'date-time' });
const count = z.int().min(0).max(1_000_000);
const perSecond = z.number().min(0.001).max(10_000);

/** `null` is no limit. */
const limits = z.object({
  maxConcurrent: count.nullable(),
  callsPerSecond: perSecond.nullable(),
  maxConcurrentPerFrom: count.nullable(),
  callsPerSecondPerFrom: perSecond.nullable(),
  attemptsPerNumberPerDay: count.nullable(),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'Must be country codes like US'))
    .max(300)
    .nullable(),
  numberTypes: z.array(z.enum(NUMBER_TYPES)).max(NUMBER_TYPES.length).nullable(),
  minutesPerDay: count.nullable(),
});
const inForce = limits.meta({
  id: 'Limits',
  description:
    'What the dialer keeps to. Null: no limit. `attemptsPerNumberPerDay` counts any 24 hours, `minutesPerDay` a day in UTC.',
});

const limitsView = z
  .object({
    configured: inForce.meta({ description: 'By the environment of this process.' }),
    set: limits.partial().meta({ description: 'By `PUT /v1/limits`: stands above what is configured.' }),
    inForce,
    inUse: z.object({
      calls: z.int().meta({ description: 'In flight now.' }),
      minutesToday: z.int(),
      minutesHeld: z.int().meta({ description: 'Held back for calls in flight.' }),
    }),
    dialing: z.object({ enabled: z.boolean() }),
    nextSlotAt: time.nullable().meta({ description: 'When the account may dial next; null: nothing is dialed at all.' }),
    waiting: z
      .object({ reason: z.string(), hint: z.string(), until: time })
      .nullable()
      .meta({ description: 'Why the whole account waited just now.' }),
  })
  .meta({ id: 'LimitsInUse' });

const orDefault = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .union([schema, z.literal('default')])
    .optional()
    .meta({ description: 'Null: no limit. `default`: as configured again.' });

const tag = 'Limits and numbers';

export const limitRoutes = {
  get: defineRoute({
    id: 'getLimits',
    method: 'GET',
    path: '/v1/limits',
    tag,
    summary: 'How much and how fast may be dialed, how much is, and when the next dial may be.',
    scope: 'settings:read',
    answer: { status: 200, description: 'The limits.', json: limitsView },
  }),
  set: defineRoute({
    id: 'setLimits',
    method: 'PUT',
    path: '/v1/limits',
    tag,
    summary: 'Change limits, from the next dial on. What is not named stays as it is.',
    scope: 'settings:write',
    body: z.strictObject({
      maxConcurrent: orDefault(limits.shape.maxConcurrent),
      callsPerSecond: orDefault(limits.shape.callsPerSecond),
      maxConcurrentPerFrom: orDefault(limits.shape.maxConcurrentPerFrom),
      callsPerSecondPerFrom: orDefault(limits.shape.callsPerSecondPerFrom),
      attemptsPerNumberPerDay: orDefault(limits.shape.attemptsPerNumberPerDay),
      countries: orDefault(limits.shape.countries),
      numberTypes: orDefault(limits.shape.numberTypes),
      minutesPerDay: orDefault(limits.shape.minutesPerDay),
    }),
    answer: { status: 200, description: 'The limits.', json: limitsView },
    example: { body: { callsPerSecond: 2, countries: ['US', 'CA'], maxConcurrent: 'default' } },
  }),
  phoneNumbers: defineRoute({
    id: 'listPhoneNumbers',
    method: 'GET',
    path: '/v1/phone-numbers',
    tag,
    summary: 'The numbers that are called from, with what each has in flight and how often it was answered of late.',
    scope: 'settings:read',
    answer: {
      status: 200,
      description: 'The numbers, as FROM_NUMBERS has them.',
      json: z.object({
        data: z.array(
          z
            .object({
              number: z.string(),
              country: z.string(),
              type: z.enum(NUMBER_TYPES),
              inFlight: z.int(),
              maxConcurrent: z.int().nullable(),
              callsPerSecond: z.number().nullable(),
              recent: z
                .object({ since: time, attempts: z.int(), answered: z.int(), answerRate: z.number().nullable() })
                .meta({ description: 'Of calls that ended in this hour (UTC) or the one before.' }),
            })
            .meta({ id: 'PhoneNumber' }),
        ),
      }),
    },
  }),
};
