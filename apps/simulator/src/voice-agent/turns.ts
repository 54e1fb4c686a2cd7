import { z } from 'zod';
import type { Fraction } from '../dice.js';
import { drawOne, drawSpan, patternSchema, spanSchema, weightSchema } from '../step-language.js';

const line = z.string().min(1).max(4000);

/** A tool of the client's that is called by name; nothing is called that the session does not have. */
export const toolCallSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,64}$/, 'must be the name of a tool'),
  arguments: z.record(z.string(), z.json()).default({}),
});

/** One step of the model, in the words of a scenario (SCENARIOS.md): what is said up to the next `listen` is one response. */
export type Turn =
  | { say: string }
  /** Waits for the caller's turn; `line`: for one that matches the regular expression, and asks again until then. */
  | { listen: 'turn-over' | { until: 'turn-over' } | { until: 'heard'; line: string } }
  /** Ends the response: what follows is said in the one that the client asks for with the tool's output. */
  | { call: z.output<typeof toolCallSchema> }
  /** Generates nothing for so long. */
  | { wait: number | { fromMs: number; toMs: number } }
  /** Comes to the script's ending; a `say` right before it is the farewell. */
  | { hangUp: true }
  /** Leaves out the rest: the script's replies go on. So does the end of the list. */
  | { talk: true }
  /** For ever without `times`. */
  | { repeat: { times?: number | undefined; steps: Turn[] } }
  /** One of these, by weight (1 if not given), drawn once for each session. */
  | { oneOf: { weight?: number | undefined; steps: Turn[] }[] };

const someTurns: z.ZodType<Turn[]> = z.lazy(() => z.array(turnSchema).max(200));

const turnSchema: z.ZodType<Turn> = z.union(
  [
    z.strictObject({ say: line }),
    z.strictObject({
      listen: z.union([
        z.literal('turn-over'),
        z.strictObject({ until: z.literal('turn-over') }),
        z.strictObject({ until: z.literal('heard'), line: patternSchema }),
      ]),
    }),
    z.strictObject({ call: toolCallSchema }),
    z.strictObject({ wait: spanSchema(600_000) }),
    z.strictObject({ hangUp: z.literal(true) }),
    z.strictObject({ talk: z.literal(true) }),
    z.strictObject({
      repeat: z.strictObject({ times: z.number().int().min(1).max(1_000_000).optional(), steps: someTurns }),
    }),
    z.strictObject({
      oneOf: z
        .array(z.strictObject({ weight: weightSchema, steps: someTurns }))
        .min(1)
        .max(50),
    }),
  ],
  { error: 'must be one of say, listen, call, wait, hangUp, talk, repeat, oneOf, with the fields that belong to it' },
);

export const turnsSchema = z.array(turnSchema).max(200);

/** Makes every choice that is left to chance: what comes out has no `oneOf`, and plain numbers for spans. */
export function drawTurns(turns: readonly Turn[], fraction: Fraction): Turn[] {
  return turns.flatMap((turn): Turn[] => {
    if ('oneOf' in turn) return drawTurns(drawOne(turn.oneOf, fraction).steps, fraction);
    if ('wait' in turn) return [{ wait: drawSpan(turn.wait, fraction) }];
    if ('repeat' in turn) return [{ repeat: { ...turn.repeat, steps: drawTurns(turn.repeat.steps, fraction) } }];
    return [turn];
  });
}

/** Everything that may be said, for rendering ahead. */
export function wordsOfTurns(turns: readonly Turn[]): string[] {
  return turns.flatMap((turn) => {
    if ('say' in turn) return [turn.say];
    if ('repeat' in turn) return wordsOfTurns(turn.repeat.steps);
    return 'oneOf' in turn ? turn.oneOf.flatMap(({ steps }) => wordsOfTurns(steps)) : [];
  });
}
