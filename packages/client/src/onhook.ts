import createClient, { type Client } from 'openapi-fetch';
import { OnhookProblem } from './problem.js';
import type { components, operations, paths } from './schema.js';

export interface OnhookOptions {
  /** `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly apiKey: string;
  /** For tests, and for proxies. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

type Call = components['schemas']['Call'];
type BodyOf<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;
type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;
type Answer<Name extends keyof operations, Status extends number> = operations[Name] extends {
  responses: Record<Status, { content: { 'application/json': infer Body } }>;
}
  ? Body
  : never;

/** The same key with the same request, within 24 h, does it once. */
export interface Repeatable {
  readonly idempotencyKey?: string;
}

/** Every method resolves with the answer, or rejects with an `OnhookProblem`. */
export interface Onhook {
  readonly calls: {
    create(body: BodyOf<'createCall'>, options?: Repeatable): Promise<Call>;
    /** Checks everything, says what would happen, places nothing. */
    plan(body: BodyOf<'createCall'>): Promise<components['schemas']['CallPlan']>;
    list(query?: QueryOf<'listCalls'>): Promise<Answer<'listCalls', 200>>;
    /** All of them, newest first, page by page. */
    all(query?: QueryOf<'listCalls'>): AsyncIterable<Call>;
    get(id: string, query?: QueryOf<'getCall'>): Promise<Answer<'getCall', 200>>;
    timeline(id: string, query?: QueryOf<'getCallTimeline'>): Promise<Answer<'getCallTimeline', 200>>;
    change(id: string, body: BodyOf<'changeCall'>): Promise<Call>;
    cancel(id: string, options?: Repeatable): Promise<Call>;
    end(id: string, body?: BodyOf<'endCall'>, options?: Repeatable): Promise<Call>;
    retry(id: string, options?: Repeatable): Promise<Call>;
  };
  readonly dialing: {
    get(): Promise<components['schemas']['Dialing']>;
    set(enabled: boolean): Promise<components['schemas']['Dialing']>;
    endAll(body: BodyOf<'endAllCalls'>, options?: Repeatable): Promise<Answer<'endAllCalls', 202>>;
  };
  /** Everything else that openapi.json knows, typed: `http.GET('/v1/agents')`. Does not reject on problems. */
  readonly http: Client<paths>;
}

export function createOnhook({ url, apiKey, fetch }: OnhookOptions): Onhook {
  const http = createClient<paths>({
    baseUrl: url.replace(/\/$/, ''),
    headers: { Authorization: `Bearer ${apiKey}` },
    ...(fetch && { fetch }),
    querySerializer: { object: { style: 'deepObject', explode: true } },
  });
  const once = ({ idempotencyKey }: Repeatable = {}) => ({
    ...(idempotencyKey !== undefined && { header: { 'Idempotency-Key': idempotencyKey } }),
  });
  const of = (id: string, options?: Repeatable) => ({ params: { path: { id }, ...once(options) } });
  const list: Onhook['calls']['list'] = (query = {}) => answer(http.GET('/v1/calls', { params: { query } }));

  return {
    http,
    calls: {
      create: async (body, options) => (await answer(http.POST('/v1/calls', { body, params: once(options) }))) as Call,
      plan: async (body) =>
        (await answer(
          http.POST('/v1/calls', { body, params: { query: { dryRun: 'true' } } }),
        )) as components['schemas']['CallPlan'],
      list,
      async *all(query = {}) {
        let cursor = query.cursor;
        do {
          const page = await list({ ...query, ...(cursor !== undefined && { cursor }) });
          yield* page.data;
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
      },
      get: (id, query = {}) => answer(http.GET('/v1/calls/{id}', { params: { path: { id }, query } })),
      timeline: (id, query = {}) => answer(http.GET('/v1/calls/{id}/timeline', { params: { path: { id }, query } })),
      change: (id, body) => answer(http.PATCH('/v1/calls/{id}', { params: { path: { id } }, body })),
      cancel: (id, options) => answer(http.POST('/v1/calls/{id}/cancel', { ...of(id, options), body: {} })),
      end: (id, body = {}, options) => answer(http.POST('/v1/calls/{id}/end', { ...of(id, options), body })),
      retry: (id, options) => answer(http.POST('/v1/calls/{id}/retry', { ...of(id, options), body: {} })),
    },
    dialing: {
      get: () => answer(http.GET('/v1/dialing')),
      set: (enabled) => answer(http.PUT('/v1/dialing', { body: { enabled } })),
      endAll: (body, options) => answer(http.POST('/v1/end-all', { body, params: once(options) })),
    },
  };
}

async function answer<Data>(asked: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await asked;
  if (response.ok && data !== undefined) return data;
  throw new OnhookProblem(response, typeof error === 'object' && error !== null ? error : {});
}
