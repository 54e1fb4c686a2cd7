import { createHash, timingSafeEqual } from 'node:crypto';
import { covers, SCOPE_NAMES, type Scope } from '@onhook/contracts';
import type { Clock, Logger } from '@onhook/service';
import type { ApiKeys, KeptApiKey } from '@onhook/store';
import type { RequestHandler } from 'express';
import { readApiKey, sha256Hex } from './api-key.js';
import { createKeyCache } from './key-cache.js';
import { EVERY_SCOPE, principalOf, setPrincipal, type Principal } from './principal.js';
import { refuse } from './problems.js';
import type { Within } from './within.js';

export interface Keys {
  /** `Authorization: Bearer <key>`. */
  readonly required: RequestHandler;
  /** The same, or HTTP Basic with the key as password and any user, of a key with this scope: for pages that a browser opens. */
  requiredByBrowser(scope: Scope): readonly RequestHandler[];
  /** A key that was changed or revoked by this process is asked for anew at once. */
  forget(id: string): void;
}

export interface KeysDeps {
  /** Of API_KEYS: they open everything, and are there when nothing else is. */
  readonly configured: readonly string[];
  readonly apiKeys: Pick<ApiKeys, 'find' | 'used'>;
  readonly clock: Clock;
  readonly within: Within;
  readonly logger: Logger;
}

/** API keys are long random secrets, so that a plain SHA-256 hides them well enough, and equal lengths can be compared in constant time. */
export function createKeys({ configured, apiKeys, clock, within, logger }: KeysDeps): Keys {
  const digests = configured.map(sha256);
  const cache = createKeyCache({ apiKeys, clock, within, logger });

  async function ownerOf(given: string): Promise<Principal | null> {
    const digest = sha256(given);
    // Every configured key is compared, found or not: the time tells nothing.
    const isConfigured = digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
    if (isConfigured) return { keyId: `configured-${digest.toString('base64url').slice(0, 12)}`, scopes: EVERY_SCOPE };
    const id = readApiKey(given);
    const kept = id === null ? null : await cache.find(id);
    if (!kept || !opens(kept, sha256Hex(given), clock.now())) return null;
    cache.noteUse(kept.id);
    // A scope that only a newer release knows opens nothing here.
    return { keyId: kept.id, scopes: SCOPE_NAMES.filter((scope) => kept.scopes.includes(scope)) };
  }

  const guard = (basic: boolean): RequestHandler => {
    const challenge = basic ? 'Basic realm="onhook", charset="UTF-8"' : 'Bearer realm="onhook"';
    return async (request, response, next) => {
      const header = request.get('authorization');
      const key = header === undefined ? undefined : (bearer(header) ?? (basic ? basicPassword(header) : undefined));
      const principal = key === undefined ? null : await ownerOf(key);
      if (principal) {
        setPrincipal(response, principal);
        return next();
      }
      const headers = { 'WWW-Authenticate': challenge };
      refuse(response, header === undefined ? 'missing-api-key' : 'invalid-api-key', { headers });
    };
  };
  return {
    required: guard(false),
    requiredByBrowser: (scope) => [
      guard(true),
      (_request, response, next) => {
        if (covers(principalOf(response)?.scopes ?? [], scope)) return next();
        refuse(response, 'insufficient-scope', { detail: `needs the scope ${scope}` });
      },
    ],
    forget: cache.forget,
  };
}

function opens(kept: KeptApiKey, hash: string, now: number): boolean {
  const isCurrent = isSame(kept.hash, hash);
  const isPrevious = kept.previous !== null && isSame(kept.previous.hash, hash) && now < kept.previous.until;
  return (isCurrent || isPrevious) && (kept.expiresAt === null || now < kept.expiresAt);
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function bearer(header: string): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header)?.[1];
}

function basicPassword(header: string): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
