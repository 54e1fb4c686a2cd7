import type { components, operations } from '@onhook/client';
import { createParser } from 'eventsource-parser';
import { CommandFailed, Unreachable } from './errors.js';
import type { Target } from './target.js';

/** What the api answers with, as `openapi.json` has it. */
export type Schemas = components['schemas'];
export type CampaignStats = operations['getCampaignStats']['responses'][200]['content']['application/json'];

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The API as the commands use it. A refusal is a `CommandFailed` in the words of the problem. */
export interface Api {
  readonly target: Target;
  get<T>(path: string, query?: Query): Promise<T>;
  post<T>(path: string, body: unknown, options?: Asking & { key?: string }): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** A body as it is: CSV. A stream is sent no faster than it is taken. */
  send<T>(method: 'POST', path: string, type: string, body: NonNullable<RequestInit['body']>, options?: Asking): Promise<T>;
  text(path: string, accept: string): Promise<string>;
  /** An answer of any size, as it comes. */
  read(path: string, accept: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Live events until the signal is given; goes on behind the last one after a break. */
  follow(path: string, query: Query, signal: AbortSignal): AsyncIterable<LiveEvent>;
}

interface Asking {
  readonly query?: Query;
  /** Until this is given it may take as long as it takes; without it 30 s. */
  readonly signal?: AbortSignal;
}

export interface LiveEvent {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

export interface ApiDeps {
  readonly fetch: typeof fetch;
  sleep(ms: number): Promise<void>;
}

const ANSWER_WITHIN_MS = 30_000;
const CONNECT_AGAIN_AFTER_MS = 1_000;
/** Of a proxy whose api restarts, and of an api that waits for its datastore. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

export function createApi(target: Target, { fetch: request, sleep }: ApiDeps): Api {
  async function ask(
    method: string,
    path: string,
    query: Query,
    init: RequestInit & { headers?: Record<string, string>; duplex?: 'half' },
  ): Promise<Response> {
    const url = new URL(target.url + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    let response: Response;
    try {
      response = await request(url, {
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        ...init,
        method,
        headers: { Authorization: `Bearer ${target.apiKey}`, ...init.headers },
      });
    } catch (error) {
      throw unreachable(target, error);
    }
    if (response.ok) return response;
    const says = await explain(response);
    throw PASSING.has(response.status) ? new Unreachable(says) : new CommandFailed(says);
  }

  const json = async <T>(response: Response): Promise<T> =>
    response.status === 204 ? (undefined as T) : ((await response.json()) as T);

  return {
    target,
    get: async (path, query = {}) => json(await ask('GET', path, query, {})),
    post: async (path, body, { query = {}, key, signal } = {}) =>
      json(
        await ask('POST', path, query, {
          ...(signal && { signal }),
          body: JSON.stringify(body),
          headers: { 'Content-Type': 'application/json', ...(key !== undefined && { 'Idempotency-Key': key }) },
        }),
      ),
    put: async (path, body) =>
      json(await ask('PUT', path, {}, { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } })),
    async delete(path) {
      await ask('DELETE', path, {}, {});
    },
    send: async (method, path, type, body, { query = {}, signal } = {}) =>
      json(
        await ask(method, path, query, {
          ...(signal && { signal }),
          ...(body instanceof ReadableStream && { duplex: 'half' }),
          body,
          headers: { 'Content-Type': type },
        }),
      ),
    text: async (path, accept) => (await ask('GET', path, {}, { headers: { Accept: accept } })).text(),
    async *read(path, accept, signal) {
      const response = await ask('GET', path, {}, { signal, headers: { Accept: accept } });
      try {
        for await (const chunk of response.body ?? []) yield chunk as Uint8Array;
      } catch (error) {
        throw unreachable(target, error);
      }
    },
    async *follow(path, query, signal) {
      let lastId: string | undefined;
      while (!signal.aborted) {
        try {
          const response = await ask('GET', path, query, {
            signal,
            headers: { Accept: 'text/event-stream', ...(lastId !== undefined && { 'Last-Event-ID': lastId }) },
          });
          for await (const event of eventsOf(response)) {
            lastId = event.id ?? lastId;
            yield event;
          }
        } catch (error) {
          if (signal.aborted) return;
          // A break in the line is gone on from; a refusal is not.
          if (error instanceof CommandFailed && !(error instanceof Unreachable && lastId !== undefined)) throw error;
        }
        await sleep(CONNECT_AGAIN_AFTER_MS);
      }
    },
  };
}

function unreachable({ url }: Target, error: unknown): CommandFailed {
  const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
  return new Unreachable(`${url} cannot be reached (${cause}). Is Onhook running? Try \`onhook doctor\`.`);
}

async function explain(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => null)) as Schemas['Problem'] | null;
  if (problem?.code === undefined) return `The api answered ${response.status}.`;
  const errors = (problem.errors ?? []).map(
    ({ pointer, message, suggestion }) => `  ${pointer}: ${message}${suggestion ? ` Did you mean \`${suggestion}\`?` : ''}`,
  );
  return [`${problem.title}${problem.detail ? `: ${problem.detail}` : ''} (${problem.code})`, ...errors].join('\n');
}

async function* eventsOf(response: Response): AsyncGenerator<LiveEvent> {
  const ready: LiveEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) => ready.push({ type: event ?? 'message', id, data: JSON.parse(data) as unknown }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    yield* ready.splice(0);
  }
}
