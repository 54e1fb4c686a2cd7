import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Timers } from '@onhook/service';
import { guardedLookup, type AllowedNetworks, type LookUp } from './address-guard.js';
import { addressRuleOf, isForbiddenUrl } from './forbidden-url.js';

export interface GuardedRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** For the whole of it, connection and answer. */
  readonly timeoutMs: number;
  /** For the connection alone; absent: only the whole is bounded. */
  readonly connectWithinMs?: number;
  readonly maxResponseBytes: number;
  /** Who only wants the status reads as far as is polite, and does not mind the rest. */
  readonly onlyStatus?: boolean;
  /** Nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

export type GuardedAnswer =
  | {
      readonly outcome: 'answered';
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
      readonly retryAfter: string | null;
    }
  | { readonly outcome: 'failed'; readonly reason: FailedRequest };

/** `forbidden`: the address is not public. `redirect`: it was sent elsewhere, and nobody goes there. */
export type FailedRequest = 'forbidden' | 'timeout' | 'too-large' | 'redirect' | 'unreachable' | 'broken-off';

export type SendGuarded = (request: GuardedRequest) => Promise<GuardedAnswer>;

interface GuardedDeps {
  readonly timers: Pick<Timers, 'after'>;
  readonly allowed: AllowedNetworks;
  /** At which ports public addresses may be asked; any if absent. */
  readonly publicPorts?: readonly number[] | undefined;
  /** What names mean; the system's own way if not given. */
  readonly lookUp?: LookUp;
}

/** Never rejects, follows no redirect, reads no more than asked for, and connects to the very address that was checked. */
export function createSendGuarded({ timers, allowed, publicPorts, lookUp }: GuardedDeps): SendGuarded {
  return function sendGuarded(asked) {
    const { url, method, headers, body, timeoutMs, connectWithinMs, signal } = asked;
    return new Promise((resolve) => {
      const rule = { allowed, publicPorts };
      if (isForbiddenUrl(url, rule)) return resolve({ outcome: 'failed', reason: 'forbidden' });
      if (signal.aborted) return resolve({ outcome: 'failed', reason: 'broken-off' });

      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method,
        headers: { ...headers, ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }) },
        lookup: guardedLookup(addressRuleOf(url, rule), lookUp),
        // A connection of its own: one that was kept would not be looked up again.
        agent: false,
      });
      const timer = timers.after(timeoutMs, () => finish({ outcome: 'failed', reason: 'timeout' }));
      const connecting = connectWithinMs === undefined ? null : timers.after(connectWithinMs, unreachable);
      const onAbort = (): void => finish({ outcome: 'failed', reason: 'broken-off' });
      signal.addEventListener('abort', onAbort, { once: true });
      let isFinished = false;

      function unreachable(): void {
        finish({ outcome: 'failed', reason: 'unreachable' });
      }

      function finish(answer: GuardedAnswer): void {
        if (isFinished) return;
        isFinished = true;
        timer.cancel();
        connecting?.cancel();
        signal.removeEventListener('abort', onAbort);
        request.destroy();
        resolve(answer);
      }

      onConnected(request, url, () => connecting?.cancel());
      request.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'forbidden-address' ? finish({ outcome: 'failed', reason: 'forbidden' }) : unreachable(),
      );
      request.on('response', (response) => read(response, asked, finish));
      request.end(body ?? undefined);
    });
  };
}

function onConnected(request: ClientRequest, { protocol }: URL, then: () => void): void {
  request.once('socket', (socket) => socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', then));
}

function read(
  response: IncomingMessage,
  { maxResponseBytes, onlyStatus = false }: GuardedRequest,
  finish: (answer: GuardedAnswer) => void,
): void {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) return finish({ outcome: 'failed', reason: 'redirect' });
  const contentType = response.headers['content-type'] ?? '';
  const retryAfter = response.headers['retry-after'] ?? null;
  const pieces: Buffer[] = [];
  const answered = (): void =>
    finish({ outcome: 'answered', status, contentType, body: Buffer.concat(pieces).toString('utf8'), retryAfter });
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxResponseBytes) return onlyStatus ? answered() : finish({ outcome: 'failed', reason: 'too-large' });
    if (!onlyStatus) pieces.push(piece);
  });
  response.on('error', () => (onlyStatus ? answered() : finish({ outcome: 'failed', reason: 'unreachable' })));
  response.on('end', () => {
    // Broken off in the middle: half an answer may say the opposite of the whole.
    if (!response.complete && !onlyStatus) return finish({ outcome: 'failed', reason: 'unreachable' });
    answered();
  });
}
