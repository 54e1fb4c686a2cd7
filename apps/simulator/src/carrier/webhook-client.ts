import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Chance, Clock, Timers } from '@onhook/service';
import type { Exchange } from './call-logs.js';
import { readOverrides, type ConnectionOverrides, type WebhookFailure } from './connection-overrides.js';
import { buildTarget, targetAfter, type Directions, type Target, type WebhookRequest } from './webhook-target.js';

interface WebhookAnswer {
  status: number;
  contentType: string;
  body: Buffer;
}

type WebhookOutcome =
  | { ok: true; answer: WebhookAnswer; attempts: number; tookMs: number }
  | { ok: false; failure: WebhookFailure; errorCode: number; detail: string; status?: number; attempts: number; tookMs: number };

export interface WebhookClient {
  /** Never rejects. A 4xx, a 5xx and a redirect that leads nowhere are failures. */
  send(webhook: WebhookRequest): Promise<WebhookOutcome>;
  close(): void;
}

/** Twilio's codes: no URL; more redirects than it follows; anything else that is no answer of 2xx. */
const errorCodes = { noUrl: 11100, redirects: 11215, retrieval: 11200 } as const;
/** A larger answer is cut (Twilio error 11750). */
const maxAnswerBytes = 1024 * 1024;
/** More than these are too many. */
const maxRedirects = 10;

/** HTTP from the carrier to the customer: signed, bounded by the connection overrides of the URL, retried as they say. */
export function createWebhookClient({
  authToken,
  clock,
  timers,
  chance,
  onExchange = () => undefined,
}: {
  authToken: string;
  clock: Clock;
  timers: Timers;
  chance: Chance;
  /** Told of every request that was sent, redirects and retries too. */
  onExchange?: (exchange: Exchange) => void;
}): WebhookClient {
  const open = new Set<ClientRequest>();
  let isClosed = false;

  function exchange(target: Target, limits: ConnectionOverrides, leftMs: number): Promise<Attempt> {
    const beganMs = clock.monotonicMs();
    const atMs = clock.now();
    return new Promise((resolve) => {
      const isHttps = target.address.protocol === 'https:';
      const make = isHttps ? httpsRequest : httpRequest;
      const request = make(target.address, { method: target.method, headers: target.headers, agent: false, auth: null });
      let isConnected = false;
      open.add(request);
      const ceiling = timers.after(Math.max(0, leftMs), () => fail(isConnected ? 'rt' : 'ct', 'total timeout'));
      let patience = timers.after(limits.connectMs, () => fail('ct', 'connect timeout'));
      const settle = (result: Attempt): void => {
        ceiling.cancel();
        patience.cancel();
        if (!open.delete(request)) return;
        const { url, method, params } = target;
        const answer = 'answer' in result ? result.answer : undefined;
        onExchange({ url, method, params, atMs, tookMs: clock.monotonicMs() - beganMs, answer });
        resolve(result);
      };
      const fail = (failure: WebhookFailure, detail: string): void => {
        settle({ failure, detail });
        request.destroy();
      };
      request.on('socket', (socket) => {
        socket.once(isHttps ? 'secureConnect' : 'connect', () => {
          isConnected = true;
          patience.cancel();
          patience = timers.after(limits.readMs, () => fail('rt', 'read timeout'));
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => fail(isConnected ? 'rt' : 'ct', error.code ?? error.message));
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          if (size <= maxAnswerBytes) parts.push(part);
        });
        response.on('error', () => fail('rt', 'answer broke off'));
        response.on('end', () => {
          const { 'content-type': contentType = '', location, 'www-authenticate': challenge } = response.headers;
          const answer = { status: response.statusCode ?? 0, contentType, body: Buffer.concat(parts) };
          settle({ answer: { ...answer, location, challenge } });
        });
      });
      request.end(target.body);
    });
  }

  /** One try, to wherever it is sent on. */
  async function attempt(first: Target, limits: ConnectionOverrides, token: string, untilMs: number): Promise<Attempt> {
    let target = first;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const result = await exchange(target, limits, untilMs - clock.monotonicMs());
      const next = 'answer' in result && !isClosed ? targetAfter(target, result.answer, { authToken, token }) : undefined;
      if (!next) return result;
      target = next;
    }
    return { failure: '4xx', errorCode: errorCodes.redirects, detail: 'more than 10 redirects (11215)' };
  }

  return {
    async send(webhook) {
      const limits = readOverrides(webhook.url);
      const token = chance.uuid();
      const target = buildTarget(webhook, { authToken, token });
      if (!target) {
        return { ok: false, failure: 'ct', errorCode: errorCodes.noUrl, detail: 'not a URL of the web', attempts: 0, tookMs: 0 };
      }
      const startedMs = clock.monotonicMs();
      for (let attempts = 1; ; attempts++) {
        const result = await attempt(target, limits, token, startedMs + limits.totalMs);
        const tookMs = clock.monotonicMs() - startedMs;
        if ('answer' in result && result.answer.status >= 200 && result.answer.status < 300) {
          return { ok: true, answer: result.answer, attempts, tookMs };
        }
        const failure = 'answer' in result ? (result.answer.status >= 500 ? '5xx' : '4xx') : result.failure;
        if (isClosed || attempts > limits.retries || !limits.retryOn.has(failure) || tookMs >= limits.totalMs) {
          const facts = { ok: false, failure, errorCode: errorCodes.retrieval, attempts, tookMs } as const;
          if ('answer' in result) return { ...facts, detail: `HTTP ${result.answer.status}`, status: result.answer.status };
          return { ...facts, detail: result.detail, ...(result.errorCode !== undefined && { errorCode: result.errorCode }) };
        }
        await timers.sleep(100 * attempts);
      }
    },

    close() {
      isClosed = true;
      for (const request of open) request.destroy();
    },
  };
}

type Attempt =
  | { answer: WebhookAnswer & Directions }
  | { failure: WebhookFailure; detail: string; errorCode?: number | undefined };
