import { z } from 'zod';

/** `audio/pcmu` has no rate: the provider calls one an unknown parameter. */
const format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('audio/pcm'), rate: z.literal(24_000).default(24_000) }),
  z.strictObject({ type: z.literal('audio/pcmu') }),
  z.strictObject({ type: z.literal('audio/pcma') }),
]);

const turnDetection = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('server_vad'),
    threshold: z.number().min(0).max(1).default(0.5),
    prefix_padding_ms: z.int().min(0).default(300),
    silence_duration_ms: z.int().min(0).default(500),
    create_response: z.boolean().default(true),
    interrupt_response: z.boolean().default(true),
    idle_timeout_ms: z.int().min(5000).max(30_000).nullable().default(null),
  }),
  z.strictObject({
    type: z.literal('semantic_vad'),
    eagerness: z.enum(['low', 'medium', 'high', 'auto']).default('auto'),
    create_response: z.boolean().default(true),
    interrupt_response: z.boolean().default(true),
  }),
]);
export type TurnDetection = z.output<typeof turnDetection>;

const tool = z.union([
  z.strictObject({
    type: z.literal('function'),
    name: z.string().min(1).max(64),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
  z.looseObject({ type: z.literal('mcp'), server_label: z.string() }),
]);

export const toolChoice = z.union([
  z.enum(['auto', 'none', 'required']),
  z.strictObject({ type: z.literal('function'), name: z.string() }),
]);
export type ToolChoice = z.output<typeof toolChoice>;

const voice = z.union([z.string().min(1), z.strictObject({ id: z.string().min(1) })]);
const maxOutputTokens = z.union([z.literal('inf'), z.int().min(1).max(4096)]);
const modalities = z.array(z.enum(['audio', 'text'])).length(1);

/** What `session.update` may say; everything is optional but the type. */
export const sessionUpdate = z.strictObject({
  type: z.literal('realtime'),
  model: z.string().optional(),
  instructions: z.string().optional(),
  output_modalities: modalities.optional(),
  audio: z
    .strictObject({
      input: z
        .strictObject({
          format: format.optional(),
          noise_reduction: z.strictObject({ type: z.enum(['near_field', 'far_field']) }).nullish(),
          transcription: z
            .strictObject({ model: z.string().optional(), language: z.string().optional(), prompt: z.string().optional() })
            .nullish(),
          turn_detection: turnDetection.nullish(),
        })
        .optional(),
      output: z
        .strictObject({ format: format.optional(), voice: voice.optional(), speed: z.number().min(0.25).max(1.5).optional() })
        .optional(),
    })
    .optional(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  max_output_tokens: maxOutputTokens.optional(),
  truncation: z.union([z.enum(['auto', 'disabled']), z.looseObject({ type: z.literal('retention_ratio') })]).optional(),
  tracing: z.union([z.literal('auto'), z.looseObject({})]).nullish(),
  include: z.array(z.string()).nullish(),
  prompt: z.looseObject({ id: z.string() }).nullish(),
  parallel_tool_calls: z.boolean().optional(),
  reasoning: z.strictObject({ effort: z.string() }).nullish(),
});
export type SessionUpdate = z.output<typeof sessionUpdate>;

/** What one `response.create` may say instead. */
export const responseParams = z.strictObject({
  instructions: z.string().optional(),
  tool_choice: toolChoice.optional(),
  tools: z.array(tool).optional(),
  output_modalities: modalities.optional(),
  conversation: z.enum(['auto', 'none']).optional(),
  input: z.array(z.looseObject({ type: z.string() })).optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
  audio: z.strictObject({ output: z.strictObject({ format: format.optional(), voice: voice.optional() }).optional() }).optional(),
  max_output_tokens: maxOutputTokens.optional(),
  prompt: z.looseObject({ id: z.string() }).nullish(),
  parallel_tool_calls: z.boolean().optional(),
  reasoning: z.strictObject({ effort: z.string() }).nullish(),
});
export type ResponseParams = z.output<typeof responseParams>;

/** The configuration that holds, as `session.created` and `session.updated` show it. */
export interface SessionConfig {
  type: 'realtime';
  object: 'realtime.session';
  id: string;
  model: string;
  expires_at: number;
  instructions: string;
  output_modalities: ('audio' | 'text')[];
  audio: {
    input: {
      format: z.output<typeof format>;
      noise_reduction: { type: string } | null;
      transcription: { model?: string | undefined; language?: string | undefined; prompt?: string | undefined } | null;
      turn_detection: TurnDetection | null;
    };
    output: { format: z.output<typeof format>; voice: string | { id: string }; speed: number };
  };
  tools: NonNullable<SessionUpdate['tools']>;
  tool_choice: ToolChoice;
  max_output_tokens: 'inf' | number;
  truncation: NonNullable<SessionUpdate['truncation']>;
  tracing: SessionUpdate['tracing'] | null;
  include: string[] | null;
  prompt: SessionUpdate['prompt'] | null;
}

/** @param expiresAtSec seconds since the epoch */
export function defaultConfig({ id, model, expiresAtSec }: { id: string; model: string; expiresAtSec: number }): SessionConfig {
  return {
    type: 'realtime',
    object: 'realtime.session',
    id,
    model,
    expires_at: expiresAtSec,
    instructions: '',
    output_modalities: ['audio'],
    audio: {
      input: {
        format: { type: 'audio/pcm', rate: 24_000 },
        noise_reduction: null,
        transcription: null,
        turn_detection: turnDetection.parse({ type: 'server_vad' }),
      },
      output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin', speed: 1 },
    },
    tools: [],
    tool_choice: 'auto',
    max_output_tokens: 'inf',
    truncation: 'auto',
    tracing: null,
    include: null,
    prompt: null,
  };
}

/** Only what the update names changes; `null`, `''` and `[]` clear. */
export function updated(config: SessionConfig, { audio, model: _fixed, ...update }: SessionUpdate): SessionConfig {
  return {
    ...config,
    ...named(update),
    audio: {
      input: { ...config.audio.input, ...named(audio?.input ?? {}) },
      output: { ...config.audio.output, ...named(audio?.output ?? {}) },
    },
  } as SessionConfig;
}

function named<T extends object>(update: T): Partial<T> {
  return Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined)) as Partial<T>;
}
