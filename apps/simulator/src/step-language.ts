import { z } from 'zod';
import type { Fraction } from './dice.js';

const ms = (max: number): z.ZodNumber => z.number().int().min(0).max(max);
const hour = 3_600_000;
const words = z.string().min(1).max(500);

export function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'i') instanceof RegExp;
  } catch {
    return false;
  }
}
export const patternSchema = z.string().max(200).refine(isPattern, 'must be a regular expression');

/** Milliseconds, or any number of them between two bounds, drawn anew for each call. */
export const spanSchema = (max: number) =>
  z.union([
    ms(max),
    z
      .strictObject({ fromMs: ms(max), toMs: ms(max) })
      .refine(({ fromMs, toMs }) => fromMs <= toMs, 'fromMs must not exceed toMs'),
  ]);
export type Span = z.output<ReturnType<typeof spanSchema>>;

export const drawSpan = (span: Span, fraction: Fraction): number =>
  typeof span === 'number' ? span : span.fromMs + Math.floor(fraction() * (span.toMs - span.fromMs + 1));

const atMostMs = ms(hour).optional();
const listenSchema = z.union([
  z.literal('turn-over'),
  z.discriminatedUnion('until', [
    /** The agent has spoken, and paused for `pauseMs` (the callee's own `pauseMs` if not given). */
    z.strictObject({ until: z.literal('turn-over'), pauseMs: ms(60_000).optional(), atMostMs }),
    /** The agent has been heard for `ms`: what is said next breaks into its turn. */
    z.strictObject({ until: z.literal('speech'), ms: ms(60_000), atMostMs }),
    /** Nobody has spoken for `ms`. */
    z.strictObject({ until: z.literal('quiet'), ms: ms(hour), atMostMs }),
    /** A line was understood that matches the regular expression `line`. */
    z.strictObject({ until: z.literal('heard'), line: patternSchema, atMostMs }),
  ]),
]);

/** One step of a callee, as it is written in a scenario. */
export type ScriptStep =
  /** Real speech; `cutAfterMs`: breaks off in mid-sentence. */
  | { say: string; cutAfterMs?: number | undefined }
  /** A tone: 1 000 Hz for 400 ms if not told otherwise. */
  | { beep: { hz?: number | undefined; ms?: number | undefined } }
  | { listen: z.output<typeof listenSchema> }
  /** Keys `0-9 A-D * #`; `w` waits half a second, `W` a whole one. */
  | { press: string }
  | { wait: Span }
  | { hangUp: true }
  /** Ends the steps: from here on `hello`, `replies` and the rest of the behaviour. So does the end of the list. */
  | { talk: true }
  /** For ever without `times`. */
  | { repeat: { times?: number | undefined; steps: ScriptStep[] } }
  /** Says something and waits for keys that the agent sends as tones; the first key cuts the words off. */
  | {
      menu: {
        say: string;
        digits?: number | undefined;
        timeoutMs?: number | undefined;
        choices: Record<string, ScriptStep[]>;
        otherwise?: ScriptStep[] | undefined;
      };
    }
  /** One of these, by weight (1 if not given), drawn once for each call. */
  | { oneOf: { weight?: number | undefined; steps: ScriptStep[] }[] };

const someSteps: z.ZodType<ScriptStep[], ScriptStep[]> = z.lazy(() => z.array(stepSchema).max(200));
export const weightSchema = z.number().positive().max(1_000_000).optional();

const stepSchema: z.ZodType<ScriptStep, ScriptStep> = z.union(
  [
    z.strictObject({ say: words, cutAfterMs: ms(60_000).optional() }),
    z.strictObject({ beep: z.strictObject({ hz: z.number().min(20).max(3_900).optional(), ms: ms(60_000).min(20).optional() }) }),
    z.strictObject({ listen: listenSchema }),
    z.strictObject({ press: z.string().regex(/^[0-9A-Da-d*#wW]{1,50}$/, 'must be 1 to 50 of 0-9 A-D * # w W') }),
    z.strictObject({ wait: spanSchema(24 * hour) }),
    z.strictObject({ hangUp: z.literal(true) }),
    z.strictObject({ talk: z.literal(true) }),
    z.strictObject({
      repeat: z.strictObject({ times: z.number().int().min(1).max(1_000_000).optional(), steps: someSteps }),
    }),
    z.strictObject({
      menu: z.strictObject({
        say: words,
        digits: z.number().int().min(1).max(20).optional(),
        timeoutMs: ms(600_000).optional(),
        choices: z.record(z.string().regex(/^[0-9A-D*#]{1,20}$/, 'must be keys'), someSteps),
        otherwise: someSteps.optional(),
      }),
    }),
    z.strictObject({
      oneOf: z
        .array(z.strictObject({ weight: weightSchema, steps: someSteps }))
        .min(1)
        .max(50),
    }),
  ],
  {
    error: 'must be one of say, beep, listen, press, wait, hangUp, talk, repeat, menu, oneOf, with the fields that belong to it',
  },
);

/** What it does first after the answer, step by step. */
export const stepsSchema = z.array(stepSchema).max(200);

/** Makes every choice that is left to chance: what comes out has no `oneOf`, and plain numbers for spans. */
export function drawSteps(steps: readonly ScriptStep[], fraction: Fraction): ScriptStep[] {
  return steps.flatMap((step): ScriptStep[] => {
    if ('oneOf' in step) return drawSteps(drawOne(step.oneOf, fraction).steps, fraction);
    if ('wait' in step) return [{ wait: drawSpan(step.wait, fraction) }];
    if ('repeat' in step) return [{ repeat: { ...step.repeat, steps: drawSteps(step.repeat.steps, fraction) } }];
    if (!('menu' in step)) return [step];
    const choices = Object.entries(step.menu.choices).map(([keys, chosen]) => [keys, drawSteps(chosen, fraction)] as const);
    const otherwise = step.menu.otherwise && drawSteps(step.menu.otherwise, fraction);
    return [{ menu: { ...step.menu, choices: Object.fromEntries(choices), otherwise } }];
  });
}

/** One of several, by weight. */
export function drawOne<T extends { weight?: number | undefined }>(given: readonly T[], fraction: Fraction): T {
  let left = fraction() * given.reduce((sum, { weight = 1 }) => sum + weight, 0);
  for (const one of given) {
    left -= one.weight ?? 1;
    if (left < 0) return one;
  }
  return given.at(-1)!;
}

/** Everything that is said in these steps, in whatever order it comes to it. */
export function wordsOf(steps: readonly ScriptStep[]): string[] {
  return steps.flatMap((step) => {
    if ('say' in step) return [step.say];
    if ('repeat' in step) return wordsOf(step.repeat.steps);
    if ('oneOf' in step) return step.oneOf.flatMap((one) => wordsOf(one.steps));
    if (!('menu' in step)) return [];
    return [step.menu.say, ...Object.values(step.menu.choices).flatMap(wordsOf), ...wordsOf(step.menu.otherwise ?? [])];
  });
}
