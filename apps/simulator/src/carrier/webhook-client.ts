import { request as httpRequest, type ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Chance, Clock, Timers } from '@onhook/service';
import { readOverrides, type ConnectionOverrides, type WebhookFailure } from './connection-overrides.js';
import { signRequest, webhookUrlToSign } from './signature.js';
import type { HttpMethod } from './create-request.js';

interface WebhookAnswer {
  status: number;
  contentType: string;
  body: Buffer;
}

type WebhookOutcome =
  | { ok: true; answer: WebhookAnswer; attempts: number; tookMs: number }
  | { ok: false; failure: WebhookFailure; detail: string; status?: number; attempts: number; tookMs: number };

export interface WebhookClient {
  /** Never rejects. A redirect, a 4xx and a 5xx are failures. */
  send(webhook: { url: string; method: HttpMethod; params: Record<string, string> }): Promise<WebhookOutcome>;
  close(): void;
}

/** A larger answer is cut (Twilio error 11750). */
const maxAnswerBytes = 1024 * 1024;

/** HTTP from the carrier to the customer: signed, bounded by the connection overrides of the URL, retried as they say. */
export function createWebhookClient({
  authToken,
  clock,
  timers,
  chance,
}: {
  authToken: string;
  clock: Clock;
  timers: Timers;
  chance: Chance;
}): WebhookClient {
  const open = new Set<ClientRequest>();
  let isClosed = false;

  function attempt(target: Target, limits: ConnectionOverrides, leftMs: number): Promise<Attempt> {
    return new Promise((resolve) => {
      const make = target.address.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = make(target.address, { method: target.method, headers: target.headers, agent: false });
      let isConnected = false;
      open.add(request);
      const connectTimer = timers.after(Math.min(limits.connectMs, leftMs), () => {
        if (!isConnected) fail('ct', 'connect timeout');
      });
      const readTimer = timers.after(Math.min(limits.connectMs + limits.readMs, leftMs), () => fail('rt', 'read timeout'));
      const settle = (result: Attempt): void => {
        connectTimer.cancel();
        readTimer.cancel();
        open.delete(request);
        resolve(result);
      };
      const fail = (failure: WebhookFailure, detail: string): void => {
        settle({ failure, detail });
        request.destroy();
      };
      request.on('socket', (socket) => {
        socket.once(target.address.protocol === 'https:' ? 'secureConnect' : 'connect', () => (isConnected = true));
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
          const status = response.statusCode ?? 0;
          const contentType = response.headers['content-type'] ?? '';
          settle({ answer: { status, contentType, body: Buffer.concat(parts) } });
        });
      });
      request.end(target.body);
    });
  }

  return {
    async send({ url, method, params }) {
      const limits = readOverrides(url);
      const target = buildTarget({ url, method, params, authToken, token: chance.uuid() });
      const startedMs = clock.monotonicMs();
      for (let attempts = 1; ; attempts++) {
        const leftMs = limits.totalMs - (clock.monotonicMs() - startedMs);
        const result = await attempt(target, limits, leftMs);
        const tookMs = clock.monotonicMs() - startedMs;
        if ('answer' in result && result.answer.status >= 200 && result.answer.status < 300) {
          return { ok: true, answer: result.answer, attempts, tookMs };
        }
        const failure = 'answer' in result ? (result.answer.status >= 500 ? '5xx' : '4xx') : result.failure;
        if (isClosed || attempts > limits.retries || !limits.retryOn.has(failure) || tookMs >= limits.totalMs) {
          const facts = { ok: false, failure, attempts, tookMs } as const;
          return 'answer' in result
            ? { ...facts, detail: `HTTP ${result.answer.status}`, status: result.answer.status }
            : { ...facts, detail: result.detail };
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

type Attempt = { answer: WebhookAnswer } | { failure: WebhookFailure; detail: string };

interface Target {
  address: URL;
  method: HttpMethod;
  headers: Record<string, string>;
  body: string | undefined;
}

/** GET carries the parameters in the URL (and signs them there), POST in the body. Every try carries the same token. */
function buildTarget(given: {
  url: string;
  method: HttpMethod;
  params: Record<string, string>;
  authToken: string;
  token: string;
}): Target {
  const { method, params, authToken, token } = given;
  const form = new URLSearchParams(params).toString();
  const [withoutFragment = ''] = given.url.split('#', 1);
  const url = method === 'POST' ? withoutFragment : `${withoutFragment}${withoutFragment.includes('?') ? '&' : '?'}${form}`;
  const body = method === 'POST' ? form : undefined;
  const address = new URL(url);
  const credentials = address.username
    ? `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`
    : undefined;
  return {
    address,
    method,
    body,
    headers: {
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      Connection: 'close',
      'X-Twilio-Signature': signRequest(authToken, webhookUrlToSign(url), method === 'POST' ? params : {}),
      'I-Twilio-Idempotency-Token': token,
      ...(credentials && { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      ...(body !== undefined && {
        'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'Content-Length': String(Buffer.byteLength(body)),
      }),
    },
  };
}
