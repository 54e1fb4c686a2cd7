import { z } from 'zod';
import { agentTools, variableValues } from './agent-tools.js';

const VOICEMAIL_ACTIONS = ['hang-up', 'leave-message', 'continue'] as const;
export type VoicemailAction = (typeof VOICEMAIL_ACTIONS)[number];

/**
 * What to do when the carrier has found out who answered. Without this nobody is asked to find out (carriers charge for it).
 * A human is always spoken with, and a fax machine never.
 */
const voicemail = z
  .strictObject({
    machine: z.enum(VOICEMAIL_ACTIONS).default('hang-up'),
    /** The carrier could not tell. */
    unknown: z.enum(VOICEMAIL_ACTIONS).default('continue'),
    /** Said to the letter after the beep, and then the call ends. `{{variables}}` are filled in. */
    message: z.string().min(1).max(1_000).optional(),
  })
  .refine(
    ({ machine, unknown, message }) => message !== undefined || (machine !== 'leave-message' && unknown !== 'leave-message'),
    { path: ['message'], error: 'is needed to leave a message' },
  );

const sentence = z.string().min(1).max(500);
/** What is said when time decides, to the letter and in the agent's own language. `{{variables}}` are filled in. */
export const agentWords = z.strictObject({
  /** Nobody has spoken for a while. */
  stillThere: sentence.default('Are you still there?'),
  /** Nor since: the call ends after this. */
  nobodyThere: sentence.default('I cannot hear you, so I will hang up now. Goodbye.'),
  /** A minute before the longest duration. */
  almostOver: sentence.default('I am afraid we have only about one minute left.'),
  /** At the longest duration: the call ends after this. */
  timeIsUp: sentence.default('Our time is up. Thank you for your time. Goodbye.'),
  /** The gateway is stopped: the call ends after this. */
  shutdown: sentence.default('I am sorry, I have to end this call now. Goodbye.'),
});

/** `agents/<id>.json` or `.ts`: who speaks, and how. */
export const agentSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
    name: z.string().min(1).max(100),
    provider: z.enum(['openai-realtime']).default('openai-realtime'),
    model: z.string().min(1).default('gpt-realtime-2.1'),
    voice: z.string().min(1).default('marin'),
    language: z.string().min(2).default('en'),
    instructions: z.string().min(1).max(20_000),
    /** Spoken first. `{{name}}` is filled from the call's variables. */
    greeting: z.string().min(1).max(1_000),
    /**
     * Disclosure and greeting, spoken: a WAV file (µ-law, 8 kHz, mono) beside this one. It is played at once, while the agent is
     * still connecting.
     */
    greetingAudio: z
      .string()
      .regex(
        /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.wav$/,
        'must be the path of a .wav file beside the agent',
      )
      .optional(),
    /** Put `disclosure` before the greeting. On unless switched off: many laws ask for it. */
    discloseAi: z.boolean().default(true),
    disclosure: z.string().min(1).max(500).default('Hello. I am an automated AI assistant.'),
    temperature: z.number().min(0).max(2).optional(),
    /** What a variable is if the call does not say. A call must give each variable that texts use and that does not stand here. */
    variables: variableValues.default({}),
    tools: agentTools.prefault({}),
    /** Of a call that does not say otherwise. */
    limits: z
      .strictObject({
        ringTimeoutSeconds: z.int().min(5).max(600).default(30),
        maxDurationSeconds: z.int().min(30).max(3_000).default(600),
        /** Tool calls in one call; a model that goes round in circles is stopped there. `end_call` always counts. */
        toolCalls: z.int().min(1).max(1_000).default(50),
      })
      .prefault({}),
    voicemail: voicemail.optional(),
    words: agentWords.prefault({}),
  })
  .refine(
    ({ greetingAudio, discloseAi, disclosure, greeting }) =>
      greetingAudio === undefined || !(discloseAi ? disclosure + greeting : greeting).includes('{{'),
    { path: ['greetingAudio'], error: 'cannot be had with {{variables}} in the disclosure or the greeting: they are recorded' },
  );
export type Agent = z.output<typeof agentSchema>;
/** As written in a file, before defaults: `export default { … } satisfies AgentSource`. */
export type AgentSource = z.input<typeof agentSchema>;

/** The mistakes in one file, as `greeting: …`. */
export function agentProblems({ issues }: z.ZodError): string[] {
  return issues.map((issue) => {
    // Of a key that is wrong only an issue inside says why.
    const { message } = (issue.code === 'invalid_key' && issue.issues[0]) || issue;
    return `${issue.path.join('.') || 'agent'}: ${message}`;
  });
}

export type Variables = Readonly<Record<string, string | number | boolean>>;

/** The first words of a call: the disclosure, unless switched off, and the greeting, variables filled; unknown ones stay empty. */
export function openingWords(agent: Agent, variables: Variables): string {
  const text = agent.discloseAi ? `${agent.disclosure} ${agent.greeting}` : agent.greeting;
  return fillVariables(text, withDefaults(agent, variables));
}

/** What the variables of this call are: its own, and the agent's for those that it does not give. */
export function withDefaults(agent: Pick<Agent, 'variables'>, variables: Variables): Variables {
  return { ...agent.variables, ...variables };
}

const VARIABLE = /\{\{\s*([\w-]+)\s*\}\}/g;

/** Unknown ones stay empty: see `missingVariables`. */
export function fillVariables(text: string, variables: Variables): string {
  return text
    .replace(VARIABLE, (_, name: string) => String(Object.hasOwn(variables, name) ? variables[name] : ''))
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** The variables that the agent's texts and tools use and that neither the call nor the agent gives. */
export function missingVariables(agent: Agent, variables: Variables): string[] {
  const known = withDefaults(agent, variables);
  const names = textsOf(agent).flatMap((text) => [...text.matchAll(VARIABLE)].map(([, name]) => name!));
  return [...new Set(names)].filter((name) => !Object.hasOwn(known, name)).toSorted();
}

function textsOf({ discloseAi, disclosure, greeting, instructions, voicemail: policy, tools, words }: Agent): string[] {
  return [
    ...(discloseAi ? [disclosure] : []),
    greeting,
    instructions,
    ...Object.values(words),
    ...(policy?.message === undefined ? [] : [policy.message]),
    ...(tools.transfer ? [tools.transfer.unreachable] : []),
    ...tools.http.flatMap(({ url, constants }) => [
      url,
      ...Object.values(constants).filter((value) => typeof value === 'string'),
    ]),
  ];
}
