import type { Agent } from 'node:http';
import type twilio from 'twilio';
import type { Timers } from '@onhook/service';
import { NothingSentError, openConnection } from './fresh-connection.js';
import { exchange, type HttpAnswer, type HttpExchange, NoAnswerError } from './http-exchange.js';

export type SdkHttpClient = InstanceType<typeof twilio.RequestClient>;
type SdkRequest = Parameters<SdkHttpClient['request']>[0];

/** How the SDK's own way to the network is replaced: by something that knows whether anything has left. */
export type Send = (request: Omit<HttpExchange, 'over' | 'withinMs' | 'timers'>) => Promise<HttpAnswer>;

/** The SDK asks no more of an HTTP client than `request`; its type names the whole class. */
export function sdkHttpClient(send: Send): SdkHttpClient {
  const client = {
    async request(given: SdkRequest) {
      const { status, headers, body } = await send(toHttp(given));
      return { statusCode: status, headers, body };
    },
  };
  return client as unknown as SdkHttpClient;
}

/** The wire format of the SDK: form fields, a repeated key for each value of a list. */
function toHttp({ method, uri, username, password, headers, params, data }: SdkRequest): Parameters<Send>[0] {
  const url = new URL(uri);
  for (const [key, value] of fields(params)) url.searchParams.append(key, value);
  const isForm = data !== undefined && method !== 'get';
  return {
    url,
    method: method.toUpperCase(),
    headers: {
      ...(headers as Record<string, string>),
      Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    },
    body: isForm ? new URLSearchParams(fields(data)).toString() : undefined,
  };
}

function fields(given: unknown): [string, string][] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(given).flatMap(([key, value]: [string, unknown]) => {
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((one): [string, string] => [key, String(one)]);
  });
}

/** Told of where a request is that must never leave twice. */
export interface SendSteps {
  /** Not one byte is written yet. */
  connected(): void;
  /** All of it is with the system; no answer yet. */
  sent(): void;
}

/** For the request that must never leave twice: a connection of its own, and a last look before the first byte. */
export function sendOnce(options: {
  timers: Pick<Timers, 'after'>;
  connectWithinMs: number;
  answerWithinMs: number;
  /** Asked when the connection stands, in the tick in which the request is written. */
  expired: () => boolean;
  steps?: SendSteps;
}): Send {
  return async function send(request) {
    const socket = await openConnection(request.url, options.connectWithinMs, options.timers);
    if (socket.destroyed || !socket.writable) throw new NothingSentError('connection-closed');
    if (options.expired()) {
      socket.destroy();
      throw new NothingSentError('grant-expired');
    }
    options.steps?.connected();
    try {
      return await exchange({
        ...request,
        headers: { ...request.headers, Connection: 'close' },
        over: socket,
        withinMs: options.answerWithinMs,
        timers: options.timers,
        ...(options.steps && { onSent: options.steps.sent }),
      });
    } finally {
      socket.destroy();
    }
  };
}

/** For what may be repeated: kept-alive connections, and one more try if such a one turns out to be closed. */
export function sendAgain({
  timers,
  agent,
  withinMs,
}: {
  timers: Pick<Timers, 'after'>;
  agent: (url: URL) => Agent;
  withinMs: number;
}): Send {
  return async function send(request) {
    const over = agent(request.url);
    try {
      return await exchange({ ...request, over, withinMs, timers });
    } catch (error) {
      if (!(error instanceof NoAnswerError) || !error.onReusedSocket || error.reason === 'timeout') throw error;
      return exchange({ ...request, over, withinMs, timers });
    }
  };
}
