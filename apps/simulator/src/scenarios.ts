import { z } from 'zod';
import { behaviourSchema, type Behaviour } from './behaviour.js';
import { createDice, type Dice, type Fraction } from './dice.js';
import { faultSchema, type FaultTable } from './faults.js';
import { closeness, fitsNumber, numberPattern } from './number-pattern.js';
import { magicNumbers, personas, type PersonaName } from './personas.js';
import { drawOne, drawSpan, drawSteps, spanSchema, weightSchema, wordsOf } from './step-language.js';

export type { Behaviour } from './behaviour.js';
export { magicNumbers, personas, type PersonaName } from './personas.js';

const hour = 3_600_000;
const personaSchema = z.enum(Object.keys(personas) as [PersonaName, ...PersonaName[]]);

/** What a scenario may say of a callee: any field of its behaviour, and of the waits also a span. */
const variantSchema = z.strictObject({
  ...behaviourSchema.shape,
  queuedMs: spanSchema(24 * hour),
  postDialMs: spanSchema(60_000),
  answerAfterMs: spanSchema(600_000),
  pauseMs: spanSchema(60_000),
  replyAfterMs: spanSchema(60_000),
});

export const scenarioSchema = z.strictObject({
  ...variantSchema.partial().shape,
  /** A number in E.164, or a pattern of numbers. */
  to: numberPattern,
  persona: personaSchema.default('chats'),
  /** Several callees at one number: each call meets one of them, by weight. Their fields go before those beside. */
  oneOf: z
    .array(z.strictObject({ ...variantSchema.partial().shape, persona: personaSchema.optional(), weight: weightSchema }))
    .min(1)
    .max(50)
    .optional(),
  /** What goes wrong with calls to this number: as `POST /simulator/faults`. */
  faults: z
    .array(faultSchema.omit({ to: true }))
    .max(50)
    .optional(),
});

export type Scenario = z.input<typeof scenarioSchema>;

export interface ScenarioTable {
  /** A later scenario for the same `to` replaces the earlier one. */
  set(scenario: Scenario): void;
  clear(): void;
  /** What was set, as it was understood. */
  list(): Scenario[];
  /** Who picks up this time: asking again is the next call, and may draw another one. */
  behaviourOf(to: string): { persona: PersonaName; behaviour: Behaviour };
}

/** Which callee answers at which number: exact scenario, closest pattern, magic number, then `chats`. */
export function createScenarioTable(
  initial: readonly Scenario[] = [],
  { dice = createDice(0), faults }: { dice?: Dice; faults?: Pick<FaultTable, 'setForScenario'> } = {},
): ScenarioTable {
  const table = new Map<string, z.output<typeof scenarioSchema>>();
  const calls = new Map<string, number>();
  const set = (scenario: Scenario): void => {
    const parsed = scenarioSchema.parse(scenario);
    table.set(parsed.to, parsed);
    faults?.setForScenario(parsed.to, parsed.faults ?? []);
  };
  initial.forEach(set);

  return {
    set,
    clear() {
      for (const { to } of table.values()) faults?.setForScenario(to, []);
      table.clear();
    },
    list: () => [...table.values()],
    behaviourOf(to) {
      const nth = (calls.get(to) ?? 0) + 1;
      calls.set(to, nth);
      const closest = [...table.values()]
        .filter((one) => fitsNumber(one.to, to))
        .sort((a, b) => closeness(b.to) - closeness(a.to))[0];
      if (!closest) {
        const persona = magicNumbers[to] ?? 'chats';
        return { persona, behaviour: personas[persona] };
      }
      return draw(closest, dice.of(`callee ${to} ${nth}`));
    },
  };
}

/** The nth call to a number meets the same callee in every run of the same seed, whatever else is called meanwhile. */
function draw(scenario: z.output<typeof scenarioSchema>, fraction: Fraction): { persona: PersonaName; behaviour: Behaviour } {
  const { to: _to, faults: _faults, oneOf, ...beside } = scenario;
  const { weight: _weight, ...chosen } = oneOf ? drawOne(oneOf, fraction) : { weight: 1 };
  const { persona, ...fields } = { ...beside, ...given(chosen) };
  const drawn = { ...personas[persona], ...given(fields) };
  const behaviour = behaviourSchema.parse({
    ...drawn,
    queuedMs: drawSpan(drawn.queuedMs, fraction),
    postDialMs: drawSpan(drawn.postDialMs, fraction),
    answerAfterMs: drawSpan(drawn.answerAfterMs, fraction),
    pauseMs: drawSpan(drawn.pauseMs, fraction),
    replyAfterMs: drawSpan(drawn.replyAfterMs, fraction),
    steps: drawSteps(drawn.steps, fraction),
  });
  return { persona, behaviour };
}

/** Without the fields that are there and say nothing. */
function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/** What the callee's speech is made of, so that it can be rendered before the phone rings. */
export function linesOf(behaviour: Behaviour): string[] {
  return [...new Set([...(behaviour.hello ? [behaviour.hello.say] : []), ...behaviour.replies, ...wordsOf(behaviour.steps)])];
}
