import type { Dice } from './seeded.js';

/** Who is called, by whom, and what the client does with the call. */
export interface Plan {
  readonly to: string;
  readonly persona: string;
  readonly agentId: string;
  /** Behind the agent's model: how its side goes wrong. */
  readonly isDoubtful: boolean;
  readonly operator: 'none' | 'end' | 'end-with-words' | 'cancel';
  /** After the call was accepted. */
  readonly operatorAfterMs: number;
  /** Waits for its time; null: now. */
  readonly startsInMs: number | null;
}

/** Six of ten talk to a farewell. */
const PERSONAS = {
  chats: 46,
  'says-hello': 8,
  reschedules: 6,
  'barges-in': 6,
  'hangs-up-on-agent': 4,
  'hangs-up-mid-line': 4,
  'hangs-up-at-once': 3,
  silent: 4,
  'talks-on': 3,
  voicemail: 3,
  busy: 4,
  'no-answer': 3,
  declines: 3,
  fails: 3,
} as const;
const AGENTS = {
  'prove-short': 50,
  'prove-call-then-audio': 18,
  'prove-call-only': 10,
  'prove-farewell-only': 6,
  'prove-never-ends': 4,
  'prove-drops': 5,
  'prove-silent': 3,
  'prove-errs': 4,
} as const;
const DOUBTFUL = new Set(['prove-drops', 'prove-silent', 'prove-errs']);

/** Numbers that nobody has: +1 415 555 xxxx is for stories; each is called once. */
export function planCall(i: number, dice: Dice): Plan {
  const agentId = dice.weighted(AGENTS);
  // An agent that never ends is ended by the operator, or by its longest duration.
  const operator =
    agentId === 'prove-never-ends'
      ? dice.fraction() < 0.7
        ? 'end'
        : 'none'
      : dice.weighted({ none: 88, end: 4, 'end-with-words': 4, cancel: 4 });
  return {
    to: `+1${dice.pick(['415', '212', '312', '206'])}555${String(i).padStart(4, '0')}`,
    persona: dice.weighted(PERSONAS),
    agentId,
    isDoubtful: DOUBTFUL.has(agentId),
    operator,
    operatorAfterMs: dice.between(200, 9_000),
    startsInMs: operator === 'cancel' || dice.fraction() < 0.05 ? dice.between(4_000, 12_000) : null,
  };
}
