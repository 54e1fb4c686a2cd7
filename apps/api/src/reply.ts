import type { z } from 'zod';
import type { ProblemCode, ProblemExtras } from './problems.js';

/** What a handler says; how it is written is `serve`'s business. */
export interface Reply<Answer extends z.ZodType> {
  /** The route's, if not said. */
  readonly status?: number;
  readonly body?: z.input<Answer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One of the route's `alsoAnswers`. */
export interface OtherReply {
  readonly status: number;
  readonly other: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Refusal {
  constructor(
    readonly code: ProblemCode,
    readonly extras: ProblemExtras,
  ) {}
}

export function refusal(code: ProblemCode, extras: ProblemExtras = {}): Refusal {
  return new Refusal(code, extras);
}

/** The handler has written the answer itself, or will. */
export const ANSWERED = Symbol('answered');

export type Outcome<Answer extends z.ZodType> = Reply<Answer> | OtherReply | Refusal | typeof ANSWERED;
