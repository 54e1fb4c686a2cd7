import { z } from 'zod';
import { agentLines } from '../speech/index.js';
import { isPattern } from '../step-language.js';
import { faults } from './faults.js';
import { toolCallSchema, turnsSchema, wordsOfTurns } from './turns.js';
import { voiceDetections } from './voice-activity.js';

/**
 * How the end of a conversation looks on the wire. Real models do each of these.
 *
 * - `same-response`: the farewell and then the `end_call`, in one response
 * - `call-then-audio`: `end_call` alone; the farewell comes in the response that is asked for after the tool's output
 * - `call-only`: `end_call`, and no word
 * - `farewell-only`: says goodbye and never calls the tool
 * - `never`: never comes to an end
 */
export const endings = ['same-response', 'call-then-audio', 'call-only', 'farewell-only', 'never'] as const;
export type Ending = (typeof endings)[number];

/**
 * When the transcript of what the caller said arrives: it is made by another model, beside the one that answers.
 *
 * - `before-response`: before `response.created`
 * - `parallel`: some 180 ms after the turn was committed, whatever the response does
 * - `after-response`: when the response is done
 * - `fails`: never; `input_audio_transcription.failed` instead
 */
export const transcriptOrders = ['parallel', 'before-response', 'after-response', 'fails'] as const;
export type TranscriptOrder = (typeof transcriptOrders)[number];

const line = z.string().min(1).max(4000);

const toolCall = toolCallSchema.extend({
  /** Said in the next response, which the client asks for when it has given the tool's output. */
  thenSays: line.optional(),
});
export type ToolCall = z.output<typeof toolCall>;

const reply = z.strictObject({
  /** A regular expression, case ignored, that what was heard must match. Without it: whatever was heard. */
  hears: z.string().refine(isPattern, 'must be a regular expression').optional(),
  /** What is said then; with `next: 'end'` it is the farewell. */
  says: line.optional(),
  /** A tool that is called, after `says` in the same response. */
  calls: toolCall.optional(),
  /** The step that follows; `'end'` comes to the ending; without it the step stays. */
  next: z.string().optional(),
});

export const scriptSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a kebab-case word'),
    /** Said first, unless the client asks for other words. */
    greeting: line,
    /** What it says and calls after the greeting, turn by turn, whatever it hears; then the replies of `steps`. */
    turns: turnsSchema.default([]),
    /** In order of trial; a step is named by its key, the first one begins. If not given, any turn comes to the ending. */
    steps: z
      .record(z.string(), z.array(reply).min(1))
      .refine((steps) => Object.keys(steps).length > 0, 'needs a step')
      .default({ rest: [{ next: 'end' }] }),
    /** Said when no reply of the step fits; after three in a row the ending comes. */
    misheard: line.default(agentLines.misheard),
    /** Said when a response is asked for although nobody spoke, and by `never` instead of an end. */
    stillThere: line.default(agentLines.stillThere),
    farewell: line.default(agentLines.farewell),
    ending: z.enum(endings).default('same-response'),
    endReason: z.string().default('conversation-complete'),
    /** Between the end of a turn and the first sound of the answer. */
    thinkMs: z.int().min(0).max(60_000).default(150),
    /** Audio is generated so many times faster than it is heard. */
    pace: z.number().min(0.1).max(1000).default(6),
    transcripts: z.enum(transcriptOrders).default('parallel'),
    /** How voice is found; what the simulator was started with, if not given. */
    vad: z.enum(voiceDetections).optional(),
    /** A turn that finds no end is ended after so long. */
    longestTurnMs: z.int().min(1000).max(600_000).default(30_000),
    faults: faults.default({}),
  })
  .refine(
    ({ steps }) =>
      Object.values(steps)
        .flat()
        .every(({ next }) => next === undefined || next === 'end' || Object.hasOwn(steps, next)),
    'names a next step that does not exist',
  );
/** As written, before defaults. */
export type ScriptSource = z.input<typeof scriptSchema>;
export type Script = z.output<typeof scriptSchema>;

const demo: ScriptSource = {
  name: 'demo',
  greeting: agentLines.greeting,
  steps: {
    identity: [
      { hears: 'wrong number|not me', says: agentLines.wrongNumber, next: 'end' },
      { hears: 'yes|that is me|speaking', says: agentLines.reminder, next: 'confirm' },
      { hears: 'hello|wait|moment', says: agentLines.confirmIdentity },
    ],
    confirm: [
      { hears: '\\b(no|not|cannot)\\b', says: agentLines.reschedule, next: 'end' },
      { hears: 'yes|fine|three', says: agentLines.anythingElse, next: 'anything-else' },
    ],
    'anything-else': [{ hears: '\\bno\\b|all|thank|bye', next: 'end' }, { says: agentLines.passOn }],
  },
};

const ends: Record<Exclude<Ending, 'same-response'>, string> = {
  'call-then-audio': 'call-then-audio',
  'call-only': 'call-only',
  'farewell-only': 'farewell-only',
  never: 'never-ends',
};

/** The scripts that a simulator knows from the start: the demonstration, its endings, and one that says goodbye at once. */
export const builtInScripts: readonly Script[] = [
  demo,
  ...Object.entries(ends).map(([ending, name]): ScriptSource => ({ ...demo, name, ending: ending as Ending })),
  { ...demo, name: 'goodbye-at-once', steps: { any: [{ next: 'end' }] } } satisfies ScriptSource,
].map((source) => scriptSchema.parse(source));

export interface ScriptTable {
  get(name: string): Script | undefined;
  names(): string[];
  /** Adds or replaces a script from JSON. @throws ZodError */
  add(source: unknown): Script;
  /** What a session plays that names none. @throws RangeError if there is no such script */
  setDefault(name: string): void;
  default(): Script;
}

/** @param added beside the built-in ones, or instead of those of the same name */
export function createScriptTable(added: readonly Script[] = []): ScriptTable {
  const scripts = new Map([...builtInScripts, ...added].map((script) => [script.name, script]));
  let defaultName = 'demo';
  return {
    get: (name) => scripts.get(name),
    names: () => [...scripts.keys()],
    add(source) {
      const script = scriptSchema.parse(source);
      scripts.set(script.name, script);
      return script;
    },
    setDefault(name) {
      if (!scripts.has(name)) throw new RangeError(`no script '${name}': there is ${[...scripts.keys()].join(', ')}`);
      defaultName = name;
    },
    default: () => scripts.get(defaultName)!,
  };
}

/** Every line that a script may say: for rendering ahead. */
export function linesOf({ greeting, turns, steps, misheard, stillThere, farewell }: Script): string[] {
  const replies = Object.values(steps).flatMap((all) =>
    all.flatMap(({ says, calls }) => [says ?? [], calls?.thenSays ?? []].flat()),
  );
  return [...new Set([greeting, ...wordsOfTurns(turns), ...replies, misheard, stillThere, farewell])];
}
