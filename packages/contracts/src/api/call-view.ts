import { z } from 'zod';
import { CAUSE_GROUPS, CAUSE_NAMES } from '../causes.js';
import { transcriptLine } from '../transcripts.js';
import { ANSWERED_BY, DISPOSITIONS, GOODBYES, LAYERS, PARTIES, STATES, STATUSES } from '../words.js';

/** What a call looks like from outside. Times are ISO 8601 in UTC with milliseconds, by the clock of Redis. */

const time = z.string().meta({ format: 'date-time' });
const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const disposition = z
  .enum(DISPOSITIONS)
  .meta({ id: 'Disposition', description: 'How it turned out, in the carrier’s word where there is one.' });
const cause = z
  .enum(CAUSE_NAMES)
  .meta({ id: 'Cause', description: 'Why it ended. `/docs#cause-<cause>` says what it means and what to do.' });
const layer = z.enum(LAYERS).meta({ id: 'Layer', description: 'Which layer’s act the carrier’s end followed.' });
const party = z.enum(PARTIES).meta({ id: 'Party', description: 'Who wanted the end.' });
const state = z.enum(STATES).meta({ id: 'State', description: 'The exact state; `status` sums it up.' });

export const attemptView = z
  .object({
    number: z.int(),
    carrierCallId: z.string().nullable(),
    carrierErrorCode: z.int().nullable().meta({ description: 'The carrier’s own code for its refusal: `Twilio error 21211`.' }),
    from: z.string(),
    disposition: disposition.nullable(),
    cause: cause.nullable(),
    endedBy: layer.nullable(),
    endedParty: party.nullable(),
    dialedAt: time,
    answeredAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'Attempt', description: 'One dial of a call.' });
export type AttemptView = z.output<typeof attemptView>;

export const timelineEntryView = z
  .object({
    atMs: z.int().meta({ description: 'Milliseconds since the call was created.' }),
    at: time,
    event: z.string(),
    source: z.string(),
    state,
    effect: z
      .enum(['moved', 'noted', 'no-news', 'refused'])
      .meta({ description: 'What the event did: moved the state, noted a fact, or was no news.' }),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntryView = z.output<typeof timelineEntryView>;

/** How long the callee had to wait. Null on the call until its conversation is over. */
const latencyView = z
  .object({
    answerToFirstAudioMs: z.number().nullable(),
    turns: z.int().meta({ description: 'Answers of the agent that were measured, 200 at most.' }),
    turnMs: z
      .object({ p50: z.number(), p90: z.number(), max: z.number() })
      .nullable()
      .meta({ description: 'From the end of the callee’s speech, as the provider of the voice tells it, to the first audio.' }),
  })
  .meta({ id: 'Latency', description: 'How long the callee had to wait.' });
export type LatencyView = z.output<typeof latencyView>;

export const transcriptView = z
  .object({
    attempt: z.int(),
    truncated: z.boolean().meta({ description: 'The call was longer than what is kept of it.' }),
    data: z.array(transcriptLine),
  })
  .meta({ id: 'Transcript', description: 'What was said in the last attempt that was answered, as it was heard.' });
export type TranscriptView = z.output<typeof transcriptView>;

export const callView = z
  .object({
    id: z.string(),
    status: z.enum(STATUSES),
    state,
    waitReason: z.string().nullable().meta({
      description:
        'Why the call waits (`/docs#wait-<reason>`). Only while it waits; of one call asked for, also what keeps its account waiting.',
    }),
    nextAttemptAt: time.nullable().meta({ description: 'Until when it waits, as far as known.' }),
    to: z.string(),
    from: z.string().nullable(),
    agentId: z.string(),
    campaignId: z.string().nullable(),
    retryOf: z.string().nullable().meta({ description: 'The call that this one takes up again.' }),
    createdAt: time,
    answeredAt: time.nullable(),
    endedAt: time.nullable(),
    queueWaitMs: z.int().nullable().meta({ description: 'From its creation to its first dial.' }),
    durationMs: z.int().nullable(),
    answeredBy: z.enum(ANSWERED_BY).nullable(),
    disposition: disposition.nullable(),
    cause: cause.nullable(),
    causeGroup: z.enum(CAUSE_GROUPS).nullable(),
    hint: z.string().nullable().meta({ description: 'One line about the cause, or about the reason to wait.' }),
    endedBy: layer.nullable(),
    endedParty: party.nullable(),
    goodbye: z.enum(GOODBYES).nullable().meta({ description: 'How the farewell fared.' }),
    attempts: z.array(attemptView),
    variables: values,
    metadata: values,
    erasedAt: time
      .nullable()
      .meta({ description: 'Since when nothing personal is left of it; `to` is then a name that is no number.' }),
    recording: z.object({ status: z.enum(['none', 'ready']), url: z.string().nullable() }),
    latency: latencyView.nullable(),
    links: z.object({ self: z.string(), timeline: z.string(), transcript: z.string() }),
    timeline: z.array(timelineEntryView).optional(),
  })
  .meta({ id: 'Call', description: 'One person to reach; each dial is an attempt inside it.' });
export type CallView = z.output<typeof callView>;

/** What `POST /v1/calls?dryRun=true` says. */
export const callPlanView = z
  .object({
    dryRun: z.literal(true),
    status: z.enum(['scheduled', 'queued']).meta({ description: 'What the call would be at first.' }),
    waitReason: z.string().nullable(),
    hint: z.string().nullable(),
    nextAttemptAt: time.nullable(),
    wouldEndAs: cause.nullable().meta({ description: 'It would never be dialed, for this cause: `do-not-call`.' }),
    to: z.string(),
    country: z.string().nullable().meta({ description: 'ISO 3166-1 alpha-2, by the number.' }),
    numberType: z.string(),
    from: z.string().nullable().meta({ description: 'Null: one of FROM_NUMBERS is chosen when it is dialed.' }),
    agentId: z.string(),
    opening: z.string().meta({ description: 'The first words, variables filled.' }),
    latestAt: time.nullable(),
    ringTimeoutSeconds: z.int(),
    maxDurationSeconds: z.int(),
    maxAttempts: z.int(),
  })
  .meta({ id: 'CallPlan', description: 'What would become of a call, had it been asked for.' });
export type CallPlanView = z.output<typeof callPlanView>;
