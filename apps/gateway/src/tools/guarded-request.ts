import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Timers } from '@onhook/service';
import { checkAddress, guardedLookup, type AddressRule, type AllowedNetworks, type LookUp } from './address-guard.js';

export interface GuardedRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  /** The call is over. */
  readonly signal: AbortSignal;
}

export type GuardedAnswer =
  | { readonly outcome: 'answered'; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly outcome: 'failed'; readonly reason: FailedRequest };

/** `forbidden`: the address is not public. `redirect`: it was sent elsewhere, and nobody goes there. */
export type FailedRequest = 'forbidden' | 'timeout' | 'too-large' | 'redirect' | 'unreachable' | 'call-over';

export type SendGuarded = (request: GuardedRequest) => Promise<GuardedAnswer>;

interface GuardedDeps {
  readonly timers: Pick<Timers, 'after'>;
  readonly allowed: AllowedNetworks;
  /** What names mean; the system's own way if not given. */
  readonly lookUp?: LookUp;
}

/** Never rejects, follows no redirect, reads no more than asked for, and connects to the very address that was checked. */
export function createSendGuarded({ timers, allowed, lookUp }: GuardedDeps): SendGuarded {
  return function sendGuarded({ url, method, headers, body, timeoutMs, maxResponseBytes, signal }) {
    return new Promise((resolve) => {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const isSecure = url.protocol === 'https:';
      // Plain HTTP is for networks that were allowed by name: what goes over the internet speaks of people.
      const rule: AddressRule = { allowed, isPublicAllowed: isSecure };
      // An address in place of a name is never looked up.
      if (isIP(host) && !isAllowed(host, rule)) return resolve({ outcome: 'failed', reason: 'forbidden' });
      if (signal.aborted) return resolve({ outcome: 'failed', reason: 'call-over' });

      const request = (isSecure ? httpsRequest : httpRequest)(url, {
        method,
        headers: { ...headers, ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }) },
        lookup: guardedLookup(rule, lookUp),
        // A connection of its own: one that was kept would not be looked up again.
        agent: false,
      });
      const timer = timers.after(timeoutMs, () => finish({ outcome: 'failed', reason: 'timeout' }));
      const onAbort = (): void => finish({ outcome: 'failed', reason: 'call-over' });
      signal.addEventListener('abort', onAbort, { once: true });
      let isFinished = false;

      function finish(answer: GuardedAnswer): void {
        if (isFinished) return;
        isFinished = true;
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        request.destroy();
        resolve(answer);
      }

      request.on('error', (error: NodeJS.ErrnoException) =>
        finish({ outcome: 'failed', reason: error.code === 'forbidden-address' ? 'forbidden' : 'unreachable' }),
      );
      request.on('response', (response) => read(response, maxResponseBytes, finish));
      request.end(body ?? undefined);
    });
  };
}

function isAllowed(address: string, rule: AddressRule): boolean {
  try {
    checkAddress(address, rule);
    return true;
  } catch {
    // The answer says that it is forbidden.
    return false;
  }
}

function read(response: IncomingMessage, maxBytes: number, finish: (answer: GuardedAnswer) => void): void {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) return finish({ outcome: 'failed', reason: 'redirect' });
  const pieces: Buffer[] = [];
  let bytes = 0;
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxBytes) return finish({ outcome: 'failed', reason: 'too-large' });
    pieces.push(piece);
  });
  response.on('error', () => finish({ outcome: 'failed', reason: 'unreachable' }));
  response.on('end', () => {
    // Broken off in the middle: half an answer may say the opposite of the whole.
    if (!response.complete) return finish({ outcome: 'failed', reason: 'unreachable' });
    const contentType = response.headers['content-type'] ?? '';
    finish({ outcome: 'answered', status, contentType, body: Buffer.concat(pieces).toString('utf8') });
  });
}
