import { z } from 'zod';
import type { Cause, CauseGroup } from './causes.js';
import type { AnsweredBy, Disposition, Goodbye, Layer, Party, State, Status } from './words.js';

/** `POST /v1/calls`. Unknown fields are refused, so that a misspelt one is never silently ignored. */
export const createCallBody = z.strictObject({
  to: z.string(),
  from: z.string().optional(),
  agentId: z.string().optional(),
  variables: z.record(z.string().max(64), z.union([z.string().max(1_000), z.number(), z.boolean()])).default({}),
  metadata: z.record(z.string().max(64), z.union([z.string().max(1_000), z.number(), z.boolean()])).default({}),
  schedule: z
    .strictObject({
      earliestAt: z.iso.datetime({ offset: true }).optional(),
      latestAt: z.iso.datetime({ offset: true }).optional(),
    })
    .default({}),
  /** What is not said here is as the agent's file has it. */
  limits: z
    .strictObject({
      ringTimeoutSeconds: z.int().min(5).max(600).optional(),
      maxDurationSeconds: z.int().min(30).max(3_000).optional(),
    })
    .default({}),
});
export type CreateCallBody = z.output<typeof createCallBody>;

/** `POST /v1/calls/:id/end`. */
export const endCallBody = z.strictObject({ message: z.string().min(1).max(500).optional() });

/** `POST /v1/end-all`. The word is typed out, so that no slip of the hand hangs up on everybody. */
export const endAllBody = z.strictObject({
  confirm: z.literal('end-all-calls'),
  /** Nothing is dialed afterwards until `PUT /v1/dialing` says so. */
  stopDialing: z.boolean().default(true),
});

/** `PUT /v1/dialing`. */
export const dialingBody = z.strictObject({ enabled: z.boolean() });

export interface AttemptView {
  number: number;
  carrierCallId: string | null;
  from: string;
  disposition: Disposition | null;
  cause: Cause | null;
  endedBy: Layer | null;
  endedParty: Party | null;
  dialedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
}

export interface TimelineEntryView {
  /** Milliseconds since the call was created. */
  atMs: number;
  at: string;
  event: string;
  source: string;
  state: State;
  /** What the event did: moved the state, noted a fact, or was no news. */
  effect: 'moved' | 'noted' | 'no-news' | 'refused';
  detail: Record<string, string | number | boolean | null>;
}

/** How long the callee had to wait. Null on the call until its conversation is over. */
export interface LatencyView {
  answerToFirstAudioMs: number | null;
  /** Answers of the agent that were measured, 200 at most. */
  turns: number;
  /** From the end of the callee's speech, as the provider of the voice tells it, to the first audio. */
  turnMs: { p50: number; p90: number; max: number } | null;
}

export interface CallView {
  id: string;
  status: Status;
  state: State;
  /** Why the call waits (see `WAIT_REASONS`), and until when. Only while it waits; of one call asked for, also what keeps its account waiting. */
  waitReason: string | null;
  nextAttemptAt: string | null;
  to: string;
  from: string | null;
  agentId: string;
  createdAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  answeredBy: AnsweredBy | null;
  disposition: Disposition | null;
  cause: Cause | null;
  causeGroup: CauseGroup | null;
  hint: string | null;
  endedBy: Layer | null;
  endedParty: Party | null;
  goodbye: Goodbye | null;
  attempts: AttemptView[];
  variables: Record<string, string | number | boolean>;
  metadata: Record<string, string | number | boolean>;
  recording: { status: 'none' | 'ready'; url: string | null };
  latency: LatencyView | null;
  links: { self: string; timeline: string; transcript: string };
  timeline?: TimelineEntryView[];
}

/** RFC 9457. `code` is stable and is what programs switch on. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  instance?: string;
  requestId?: string;
  errors?: { pointer: string; code: string; message: string; suggestion?: string }[];
}
