import { z } from 'zod';

/** One utterance of a call. Milliseconds since the start of its media stream, which is also the recording's zero. */
export const transcriptLine = z.object({
  who: z.enum(['agent', 'callee']),
  /** What was said; of the agent, what was heard of it. Keys that were pressed stand in square brackets. */
  text: z.string(),
  /** The agent's words that were generated but silenced before the callee heard them. Absent: all was heard. */
  cleared: z.string().optional(),
  fromMs: z.number(),
  toMs: z.number(),
  /** Of an answer: from the end of the callee's speech (the provider's word) to the first audio that was sent. */
  latencyMs: z.number().optional(),
});
export type TranscriptLine = z.output<typeof transcriptLine>;

/** What was said in the last attempt of a call that was answered. */
export const transcriptSchema = z.object({
  v: z.literal(1),
  attempt: z.number(),
  lines: z.array(transcriptLine),
  /** The call was longer than what is kept of it. */
  truncated: z.boolean().default(false),
});
export type Transcript = z.output<typeof transcriptSchema>;
