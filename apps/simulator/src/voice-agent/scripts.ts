import { z } from 'zod';
import { agentLines } from '../speech/index.js';

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

const line = z.string().min(1).max(4000);

const reply = z.strictObject({
  /** A regular expression, case ignored, that what was heard must match. Without it: whatever was heard. */
  hears: z.string().refine(isPattern, 'must be a regular expression').optional(),
  /** What is said then; with `next: 'end'` it is the farewell. */
  says: line.optional(),
  /** The step that follows; `'end'` comes to the ending; without it the step stays. */
  next: z.string().optional(),
});

const faults = z.strictObject({
  /** The socket is destroyed without a close frame: the client sees 1006. */
  dropAfterMs: z.int().min(0).optional(),
  /** `session_expired`, then close 1001. */
  expireAfterMs: z.int().min(0).optional(),
  /** An `error` frame of type `server_error`; the session stays open. */
  errorAfterMs: z.int().min(0).optional(),
  /** Nothing more is sent; the socket stays open. */
  silentAfterMs: z.int().min(0).optional(),
  /** The n-th response (from 1) fails. */
  failResponse: z.int().min(1).optional(),
});
export type Faults = z.output<typeof faults>;
export const faultNames = ['dropAfterMs', 'expireAfterMs', 'errorAfterMs', 'silentAfterMs', 'failResponse'] as const;

export const scriptSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a kebab-case word'),
    /** Said first, unless the client asks for other words. */
    greeting: line,
    /** In order of trial; a step is named by its key, the first one begins. */
    steps: z.record(z.string(), z.array(reply).min(1)).refine((steps) => Object.keys(steps).length > 0, 'needs a step'),
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

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'i') instanceof RegExp;
  } catch {
    return false;
  }
}

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

export function createScriptTable(): ScriptTable {
  const scripts = new Map(builtInScripts.map((script) => [script.name, script]));
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
export function linesOf({ greeting, steps, misheard, stillThere, farewell }: Script): string[] {
  const replies = Object.values(steps).flatMap((all) => all.flatMap(({ says }) => says ?? []));
  return [...new Set([greeting, ...replies, misheard, stillThere, farewell])];
}

export interface ModelChoice {
  model: string;
  script?: string;
  faults: Faults;
}

/** Reads `gpt-realtime#script=never-ends&dropAfterMs=8000`: what stands behind the `#` is for the simulator. */
export function readModel(given: string): ModelChoice | { mistake: string } {
  const [model = '', options = ''] = given.split('#', 2);
  const chosen = new URLSearchParams(options);
  const unknown = [...chosen.keys()].find((key) => key !== 'script' && !(faultNames as readonly string[]).includes(key));
  if (unknown) return { mistake: `unknown option '${unknown}' behind the model` };
  const read = faults.safeParse(
    Object.fromEntries(faultNames.flatMap((name) => (chosen.has(name) ? [[name, Number(chosen.get(name))]] : []))),
  );
  if (!read.success)
    return { mistake: `option '${String(read.error.issues[0]!.path[0])}' behind the model is not a whole number` };
  const script = chosen.get('script');
  return { model, faults: read.data, ...(script !== null && { script }) };
}
