import { covers, expressPath, type Route, type Scope } from '@onhook/contracts';
import type { Express, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { check } from './body.js';
import { fingerprint, readIdempotencyKey, type Idempotent } from './idempotency.js';
import { principalOf, type Principal } from './principal.js';
import { refuse, refuseFields, type FieldError } from './problems.js';
import { Refusal, ANSWERED, refusal, type Outcome } from './reply.js';
import type { Repeatable } from './repeatable.js';
import { hasForeignBody, jsonBody, onlyMethods } from './requests.js';

export { ANSWERED, refusal } from './reply.js';

/** A request that was found good: of the right key, and as its route declares it. */
export interface Asked<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly principal: Principal;
  /** The client's `Idempotency-Key`, and what tells whether it is the same request. */
  readonly idempotency: Idempotent | null;
  readonly request: Request;
  readonly response: Response;
}

export interface ServeOptions {
  /** Mistakes to be told beside those of the schema, so that people see all at once. */
  readonly moreErrors?: (given: unknown) => readonly FieldError[];
}

/** Puts a handler behind a route of the catalogue. */
export type Serve = <
  Params extends z.ZodType<object>,
  Query extends z.ZodType<object>,
  Body extends z.ZodType,
  Answer extends z.ZodType,
>(
  route: Route<Params, Query, Body, Answer>,
  handle: (asked: Asked<Params, Query, Body>) => Outcome<NoInfer<Answer>> | Promise<Outcome<NoInfer<Answer>>>,
  options?: ServeOptions,
) => void;

export interface ServeDeps {
  readonly rateLimit: RequestHandler;
  readonly repeatable: Repeatable;
  /** For tests: an answer that is not as its route declares is a fault. */
  readonly verifyAnswers: boolean;
}

export interface Served {
  readonly serve: Serve;
  /** After the last route: whatever other method comes to a path is told which ones there are. */
  close(): void;
}

export function createServe(app: Express, { rateLimit, repeatable, verifyAnswers }: ServeDeps): Served {
  const methods = new Map<string, string[]>();

  const serve: Serve = (route, handle, { moreErrors } = {}) => {
    const path = expressPath(route.path);
    const { scope } = route;
    methods.set(path, [...(methods.get(path) ?? []), ...(route.method === 'GET' ? ['GET', 'HEAD'] : [route.method])]);
    const steps: RequestHandler[] = [
      ...(scope === null ? [] : [hasScope(scope), rateLimit]),
      ...(route.body ? [jsonBody] : []),
      async (request, response) => {
        const read = readRequest(route, request, moreErrors);
        if (read instanceof Refusal) return write(route, response, read);
        const asked = { ...read, principal: principalOf(response) ?? NOBODY, request, response };
        const work = async (): Promise<Outcome<z.ZodType>> => handle(asked as unknown as Parameters<typeof handle>[0]);
        const { idempotency: keeps = 'stored' } = route;
        write(
          route,
          response,
          read.idempotency && keeps !== 'own' ? await repeatable(read.idempotency, keeps, work) : await work(),
        );
      },
    ];
    app[METHODS[route.method]](path, ...steps);
  };

  function write(route: Route, response: Response, outcome: Outcome<z.ZodType>): void {
    if (outcome === ANSWERED) return;
    if (outcome instanceof Refusal) {
      if (outcome.code === 'validation-failed') return refuseFields(response, outcome.extras.errors ?? []);
      return refuse(response, outcome.code, outcome.extras);
    }
    const { status = route.answer.status, headers = {} } = outcome;
    const body = 'other' in outcome ? outcome.other : outcome.body;
    if (verifyAnswers && body !== undefined) schemaOf(route, 'other' in outcome ? status : null)?.parse(body);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.status(status);
    if (body === undefined) response.end();
    else response.json(body);
  }

  return {
    serve,
    close() {
      for (const [path, known] of methods) onlyMethods(app, path, known);
    },
  };
}

function schemaOf(route: Route, otherStatus: number | null): z.ZodType | undefined {
  if (otherStatus === null) return route.answer.json;
  const also = route.alsoAnswers?.[otherStatus];
  return typeof also === 'object' ? also.json : undefined;
}

const METHODS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

/** Of a route that is open to everybody. */
const NOBODY: Principal = { keyId: 'none', scopes: [] };

function hasScope(scope: Scope): RequestHandler {
  return (_request, response, next) => {
    const principal = principalOf(response);
    if (!principal) return refuse(response, 'missing-api-key', { headers: { 'WWW-Authenticate': 'Bearer realm="onhook"' } });
    if (covers(principal.scopes, scope)) return next();
    refuse(response, 'insufficient-scope', {
      detail: `needs the scope ${scope}`,
      headers: { 'WWW-Authenticate': `Bearer realm="onhook", error="insufficient_scope", scope="${scope}"` },
    });
  };
}

interface Read {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly idempotency: Idempotent | null;
}

/** Everything that can be said of a request before anything is looked up. */
function readRequest(route: Route, request: Request, moreErrors: ServeOptions['moreErrors']): Read | Refusal {
  const params = route.params?.safeParse({ ...request.params });
  if (params && !params.success) return refusal('not-found');
  if (route.body && hasForeignBody(request)) return refusal('unsupported-media-type');
  const key = route.method === 'POST' ? readIdempotencyKey(request.get('idempotency-key')) : null;
  if (key === undefined) return refusal('invalid-idempotency-key');

  const given: unknown = request.body ?? {};
  const query = route.query ? check(route.query, nested(request.query)) : NOTHING;
  const body = route.body ? check(route.body, given) : NOTHING;
  const errors = [...(query.ok ? [] : query.errors), ...(body.ok ? [] : [...body.errors, ...(moreErrors?.(given) ?? [])])];
  if (!query.ok || !body.ok) return refusal('validation-failed', { errors });
  return {
    params: params?.data ?? {},
    query: query.value,
    body: body.value,
    idempotency: key === null ? null : { key, fingerprint: fingerprintOf(route, request, given) },
  };
}

const NOTHING = { ok: true, value: {} } as const;

/** `metadata[orderId]=8841` → `{ metadata: { orderId: '8841' } }`. */
function nested(query: Request['query']): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    const [, outer, inner] = /^(\w{1,64})\[([^[\]]{1,64})\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) read[name] = value;
    else read[outer] = { ...(typeof read[outer] === 'object' ? (read[outer] as object) : {}), [inner]: value };
  }
  return read;
}

/** Where the handler keeps the key itself there is one place for it to be used in, and the body is enough. */
function fingerprintOf(route: Route, request: Request, body: unknown): string {
  if (route.idempotency === 'own' && !route.params) return fingerprint(body);
  return fingerprint([route.id, request.params, request.query, body]);
}
