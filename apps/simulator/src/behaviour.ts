import { z } from 'zod';
import { answeredByValues } from './carrier/machine-detection.js';
import { voices } from './speech/index.js';
import { patternSchema, stepsSchema } from './step-language.js';

const ms = (max: number): z.ZodNumber => z.number().int().min(0).max(max);
const hour = 3_600_000;

const hangUpSchema = z.discriminatedUnion('when', [
  z.strictObject({ when: z.literal('after-answer'), ms: ms(24 * hour) }),
  z.strictObject({ when: z.literal('after-lines'), ms: ms(hour) }),
  z.strictObject({ when: z.literal('mid-reply'), reply: z.number().int().min(0), ms: ms(60_000) }),
  z.strictObject({ when: z.literal('mid-agent-turn'), turn: z.number().int().min(1), ms: ms(60_000) }),
]);

/** How one callee behaves. Every field may be overridden in a scenario. */
export const behaviourSchema = z.strictObject({
  /** `rings`: nobody answers, unless by `POST /simulator/calls/:sid/answer`. */
  outcome: z.enum(['answers', 'rings', 'busy', 'declines', 'fails']),
  /** Time in the carrier's queue. */
  queuedMs: ms(24 * hour),
  /** From `initiated` to `ringing`. */
  postDialMs: ms(60_000),
  /** From `ringing` to the answer, the busy tone or the refusal. */
  answerAfterMs: ms(600_000),
  /** What it does first after the answer, step by step. `hello`, `replies` and the rest begin after the last step. */
  steps: stepsSchema,
  /** What it says when it picks up: only if nobody has spoken by then, or in any case. */
  hello: z
    .strictObject({ say: z.string().min(1).max(500), afterMs: ms(60_000), when: z.enum(['if-quiet', 'always']) })
    .nullable(),
  /** One line for each turn of the agent, in order. */
  replies: z.array(z.string().min(1).max(500)).max(200),
  voice: z.enum(voices).nullable(),
  /** The silence that tells it that the agent's turn is over. */
  pauseMs: ms(60_000),
  replyAfterMs: ms(60_000),
  bargeInAfterMs: ms(60_000).nullable(),
  /** After understanding a line like this (a regular expression, without regard to case) it says nothing more. */
  quietOnceHeard: patternSchema.nullable(),
  hangUp: hangUpSchema.nullable(),
  /** What machine detection says of it, if it is asked for, and how long after the answer. */
  answeredBy: z.enum(answeredByValues),
  amdDelayMs: ms(60_000),
  /** The answer to a REST hangup that comes too late; all three are reported of the real carrier. */
  lateHangup: z.enum(['21220', '20404', '200']),
  /** How a call ends that REST completes before it is answered: that it ends is documented, its status is not. */
  earlyHangup: z.enum(['canceled', 'no-answer', 'completed']),
});

export type Behaviour = z.output<typeof behaviourSchema>;
