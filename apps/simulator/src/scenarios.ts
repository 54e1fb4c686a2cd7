import { z } from 'zod';
import { calleeLines } from './speech/demo-lines.js';

const ms = (max: number): z.ZodNumber => z.number().int().min(0).max(max);
const hour = 3_600_000;

const hangUpSchema = z.discriminatedUnion('when', [
  z.strictObject({ when: z.literal('after-answer'), ms: ms(24 * hour) }),
  z.strictObject({ when: z.literal('after-lines'), ms: ms(hour) }),
  z.strictObject({ when: z.literal('mid-reply'), reply: z.number().int().min(0), ms: ms(60_000) }),
  z.strictObject({ when: z.literal('mid-agent-turn'), turn: z.number().int().min(1), ms: ms(60_000) }),
]);

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text, 'i') instanceof RegExp;
  } catch {
    return false;
  }
};

/** How one callee behaves. Every field may be overridden in a scenario. */
const behaviourSchema = z.strictObject({
  /** `rings`: nobody answers, unless by `POST /simulator/calls/:sid/answer`. */
  outcome: z.enum(['answers', 'rings', 'busy', 'declines', 'fails']),
  /** Time in the carrier's queue. */
  queuedMs: ms(24 * hour),
  /** From `initiated` to `ringing`. */
  postDialMs: ms(60_000),
  /** From `ringing` to the answer, the busy tone or the refusal. */
  answerAfterMs: ms(600_000),
  /** What it says when it picks up: only if nobody has spoken by then, or in any case. */
  hello: z
    .strictObject({ say: z.string().min(1).max(500), afterMs: ms(60_000), when: z.enum(['if-quiet', 'always']) })
    .nullable(),
  /** One line for each turn of the agent, in order. */
  replies: z.array(z.string().min(1).max(500)).max(200),
  voice: z.string().max(50).nullable(),
  /** The silence that tells it that the agent's turn is over. */
  pauseMs: ms(60_000),
  replyAfterMs: ms(60_000),
  bargeInAfterMs: ms(60_000).nullable(),
  /** After understanding a line like this (a regular expression, without regard to case) it says nothing more. */
  quietOnceHeard: z.string().max(200).refine(isPattern, 'must be a regular expression').nullable(),
  hangUp: hangUpSchema.nullable(),
  /** The answer to a REST hangup that comes too late; all three are reported of the real carrier. */
  lateHangup: z.enum(['21220', '20404', '200']),
});

export type Behaviour = z.output<typeof behaviourSchema>;

const chats: Behaviour = {
  outcome: 'answers',
  queuedMs: 40,
  postDialMs: 150,
  answerAfterMs: 600,
  // An agent that speaks at once is heard out; only a silent line is asked "Hello?".
  hello: { say: calleeLines.hello, afterMs: 1_500, when: 'if-quiet' },
  replies: [calleeLines.thatIsMe, calleeLines.confirm, calleeLines.thatIsAll],
  voice: null,
  pauseMs: 700,
  replyAfterMs: 100,
  bargeInAfterMs: null,
  quietOnceHeard: 'goodbye',
  hangUp: null,
  lateHangup: '21220',
};

const silent: Behaviour = { ...chats, hello: null, replies: [] };

export const personas = {
  /** Answers, replies to each turn of the agent, hears the farewell and stays on the line. */
  chats,
  'says-hello': { ...chats, hello: { say: calleeLines.hello, afterMs: 300, when: 'always' } },
  /** Answers and says nothing for ever. */
  silent,
  busy: { ...silent, outcome: 'busy', answerAfterMs: 300 },
  /** Rings until the ring timeout, or until answered by hand. */
  'no-answer': { ...silent, outcome: 'rings' },
  declines: { ...silent, outcome: 'declines', answerAfterMs: 800 },
  /** The carrier cannot connect it. */
  fails: { ...silent, outcome: 'fails' },
  'hangs-up-on-agent': { ...chats, hangUp: { when: 'mid-agent-turn', turn: 2, ms: 800 } },
  'hangs-up-mid-line': { ...chats, hangUp: { when: 'mid-reply', reply: 1, ms: 500 } },
  'hangs-up-at-once': { ...silent, hangUp: { when: 'after-answer', ms: 300 } },
  'barges-in': {
    ...chats,
    bargeInAfterMs: 1_200,
    replies: [calleeLines.interrupt, calleeLines.thatIsMe, calleeLines.confirm, calleeLines.thatIsAll],
  },
  'answers-late': { ...chats, answerAfterMs: 8_000 },
  /** Says goodbye itself and hangs up. */
  'says-goodbye': {
    ...chats,
    replies: [calleeLines.thatIsMe, calleeLines.confirm, calleeLines.goodbye],
    hangUp: { when: 'after-lines', ms: 300 },
  },
  'wrong-number': { ...chats, replies: [calleeLines.wrongNumber] },
  reschedules: { ...chats, replies: [calleeLines.thatIsMe, calleeLines.reschedule, calleeLines.thatIsAll] },
  'waits-in-queue': { ...chats, queuedMs: 5_000 },
  /** Never lets the agent have the last word. */
  'talks-on': {
    ...chats,
    quietOnceHeard: null,
    replies: Array.from({ length: 200 }, (_, i) => (i % 2 ? calleeLines.confirm : calleeLines.thatIsMe)),
  },
} as const satisfies Record<string, Behaviour>;

export type PersonaName = keyof typeof personas;
/** The number that calls each persona without configuration; every other number reaches `chats`. */
export const magicNumbers: Readonly<Record<string, PersonaName>> = {
  '+14155550100': 'chats',
  '+14155550101': 'says-hello',
  '+14155550102': 'silent',
  '+14155550103': 'busy',
  '+14155550104': 'no-answer',
  '+14155550105': 'declines',
  '+14155550106': 'fails',
  '+14155550107': 'hangs-up-on-agent',
  '+14155550108': 'hangs-up-mid-line',
  '+14155550109': 'hangs-up-at-once',
  '+14155550110': 'barges-in',
  '+14155550111': 'answers-late',
  '+14155550112': 'says-goodbye',
  '+14155550113': 'wrong-number',
  '+14155550114': 'reschedules',
  '+14155550115': 'waits-in-queue',
  '+14155550116': 'talks-on',
};

export const scenarioSchema = z.strictObject({
  /** A number in E.164, or the beginning of numbers and `*`. */
  to: z.string().regex(/^\+\d{1,15}\*?$/, 'must be a number in E.164, or the beginning of one and *'),
  persona: z.enum(Object.keys(personas) as [PersonaName, ...PersonaName[]]).default('chats'),
  ...behaviourSchema.partial().shape,
});

export type Scenario = z.input<typeof scenarioSchema>;

export interface ScenarioTable {
  /** A later scenario for the same `to` replaces the earlier one. */
  set(scenario: Scenario): void;
  clear(): void;
  behaviourOf(to: string): { persona: PersonaName; behaviour: Behaviour };
}

/** Which callee answers at which number: exact scenario, longest prefix, magic number, then `chats`. */
export function createScenarioTable(initial: readonly Scenario[] = []): ScenarioTable {
  const table = new Map<string, z.output<typeof scenarioSchema>>();
  const set = (scenario: Scenario): void => {
    const parsed = scenarioSchema.parse(scenario);
    table.set(parsed.to, parsed);
  };
  initial.forEach(set);

  return {
    set,
    clear: () => table.clear(),
    behaviourOf(to) {
      const prefixes = [...table.keys()].filter((key) => key.endsWith('*') && to.startsWith(key.slice(0, -1)));
      const longest = prefixes.sort((a, b) => b.length - a.length)[0];
      const scenario = table.get(to) ?? (longest === undefined ? undefined : table.get(longest));
      if (!scenario) {
        const persona = magicNumbers[to] ?? 'chats';
        return { persona, behaviour: personas[persona] };
      }
      const { to: _to, persona, ...overrides } = scenario;
      return { persona, behaviour: behaviourSchema.parse({ ...personas[persona], ...overrides }) };
    },
  };
}

/** What the persona's speech is made of, so that it can be rendered before the phone rings. */
export function linesOf(behaviour: Behaviour): string[] {
  return [...new Set([...(behaviour.hello ? [behaviour.hello.say] : []), ...behaviour.replies])];
}
