import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Socket } from 'node:net';
import type { Timers } from '@onhook/service';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Parsed if it is JSON, else the text. */
  readonly body: unknown;
}

/** Something was sent, or may have been, and no whole answer came. What the other side did is not known. */
export class NoAnswerError extends Error {
  readonly code = 'no-answer';
  constructor(
    readonly reason: string,
    /** The connection had served before and may have been closed by the other side before it read anything. */
    readonly onReusedSocket: boolean,
  ) {
    super(`no answer: ${reason}`);
    this.name = 'NoAnswerError';
  }
}

export interface HttpExchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Over this connection, already open; or one of this agent. */
  readonly over: Socket | Agent;
  /** For the whole exchange, to the last byte of the answer. */
  readonly withinMs: number;
  readonly timers: Pick<Timers, 'after'>;
  /** The whole request is with the system. */
  readonly onSent?: () => void;
}

/** A page of a thousand calls is about 2 MB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * One request, one answer. Redirects are not followed, nothing is repeated.
 *
 * @throws NoAnswerError
 */
export function exchange({ url, method, headers, body, over, withinMs, timers, onSent }: HttpExchange): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const isSocket = over instanceof Socket;
    const options: RequestOptions = {
      ...optionsOf(url),
      // An open connection is already encrypted, if it has to be.
      protocol: isSocket ? 'http:' : url.protocol,
      method,
      headers: { ...headers, ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }) },
      ...(isSocket ? { createConnection: () => over } : { agent: over }),
    };
    const start = url.protocol === 'https:' && !isSocket ? httpsRequest : httpRequest;
    const request: ClientRequest = start(options);
    const fail = (reason: string): void => {
      timer.cancel();
      request.destroy();
      reject(new NoAnswerError(reason, request.reusedSocket));
    };
    const timer = timers.after(withinMs, () => fail('timeout'));
    if (onSent) request.once('finish', onSent);
    request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'connection-error'));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) fail('answer-too-long');
        else chunks.push(chunk);
      });
      response.on('error', () => fail('answer-cut'));
      response.on('aborted', () => fail('answer-cut'));
      response.on('end', () => {
        timer.cancel();
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: jsonOrText(Buffer.concat(chunks).toString('utf8')),
        });
      });
    });
    request.end(body);
  });
}

function optionsOf(url: URL): RequestOptions {
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    path: `${url.pathname}${url.search}`,
    ...(url.port && { port: url.port }),
  };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not everything that answers is the API: proxies and load balancers answer in HTML.
    return text;
  }
}
