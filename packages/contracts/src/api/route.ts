import type { z } from 'zod';
import type { ProblemCode } from './problems.js';
import type { Scope } from './scopes.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An object of strings, as paths and queries have them. */
type Named = z.ZodType<object>;

/** One route of the API, declared once: validation, scopes, OpenAPI, the docs page and the client's types come from here. */
export interface Route<
  Params extends Named = Named,
  Query extends Named = Named,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** OpenAPI's operationId: `createCall`. */
  readonly id: string;
  readonly method: Method;
  /** `/v1/calls/{id}`. */
  readonly path: `/${string}`;
  /** The heading under which the documentation lists it. */
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  readonly description?: string;
  /** Null: open to everybody. */
  readonly scope: Scope | null;
  /** What does not fit is `not-found`. Must name exactly the path's parameters. */
  readonly params?: Params;
  /** A strict object whose fields read strings; what does not fit is `validation-failed`. */
  readonly query?: Query;
  /** The JSON body. What does not fit is `validation-failed`. */
  readonly body?: Body;
  /** Instead of, or beside, `body`: media types that the handler reads from the request itself, each with a description. */
  readonly rawBody?: Readonly<Record<string, string>>;
  /** Other request headers that mean something here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The success. `media`: other representations than JSON, each with a description. */
  readonly answer: {
    readonly status: number;
    readonly description: string;
    readonly json?: Answer;
    readonly media?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** Other successes, such as 206. */
  readonly alsoAnswers?: Readonly<Record<number, string | { readonly description: string; readonly json: z.ZodType }>>;
  /** Those beyond what every route of its kind may answer (see `problemsOf`). */
  readonly problems?: readonly ProblemCode[];
  /**
   * Of a POST. `stored` (what is meant if nothing is said): the answer is kept for 24 h and replayed. `own`: the handler keeps the
   * key in its own commit. `once`: the answer holds a secret and is not kept; a repetition is told `answer-not-kept`.
   */
  readonly idempotency?: 'stored' | 'own' | 'once';
  readonly example?: {
    readonly params?: z.input<Params>;
    readonly query?: z.input<Query>;
    readonly body?: z.input<Body>;
  };
}

/** Keeps the types of the schemas, which a plain annotation would lose. */
export function defineRoute<
  Params extends Named = z.ZodType<Record<never, never>>,
  Query extends Named = z.ZodType<Record<never, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
  Answer extends z.ZodType = z.ZodType<undefined>,
>(route: Route<Params, Query, Body, Answer>): Route<Params, Query, Body, Answer> {
  return route;
}

/** Everything that this route may answer beside its successes. */
export function problemsOf(route: Route): ProblemCode[] {
  const hasBody = route.body !== undefined || route.rawBody !== undefined;
  return [
    ...new Set<ProblemCode>([
      'malformed-request',
      ...(route.body ? (['malformed-json'] as const) : []),
      ...(route.scope ? (['missing-api-key', 'invalid-api-key', 'insufficient-scope', 'rate-limited'] as const) : []),
      ...(route.params ? (['not-found'] as const) : []),
      ...(hasBody ? (['payload-too-large', 'unsupported-media-type'] as const) : []),
      ...(hasBody || route.query ? (['validation-failed'] as const) : []),
      ...(route.method === 'POST' ? (['invalid-idempotency-key', 'idempotency-key-reused'] as const) : []),
      ...(route.method === 'POST' && route.idempotency !== 'own' ? (['idempotency-in-progress'] as const) : []),
      ...(route.idempotency === 'once' ? (['answer-not-kept'] as const) : []),
      ...(route.problems ?? []),
      'internal-error',
      'redis-unavailable',
    ]),
  ];
}

/** `/v1/calls/{id}` → `/v1/calls/:id`, as express wants it. */
export function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
