import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { refuse } from './problems.js';

export interface Keys {
  /** `Authorization: Bearer <key>`. */
  readonly required: RequestHandler;
  /** The same, or HTTP Basic with the key as password and any user: for pages that a browser opens. */
  readonly requiredByBrowser: RequestHandler;
}

/** API keys are long random secrets, so that a plain SHA-256 hides them well enough, and equal lengths can be compared in constant time. */
export function createKeys(apiKeys: readonly string[]): Keys {
  const digests = apiKeys.map(sha256);
  const isKey = (given: string): boolean => {
    const digest = sha256(given);
    // Every key is compared, found or not: the time tells nothing.
    return digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
  };

  const guard = (basic: boolean): RequestHandler => {
    const challenge = basic ? 'Basic realm="onhook", charset="UTF-8"' : 'Bearer realm="onhook"';
    return (request, response, next) => {
      const header = request.get('authorization');
      const key = header === undefined ? undefined : (bearer(header) ?? (basic ? basicPassword(header) : undefined));
      if (key !== undefined && isKey(key)) return next();
      const headers = { 'WWW-Authenticate': challenge };
      refuse(response, header === undefined ? 'missing-api-key' : 'invalid-api-key', { headers });
    };
  };
  return { required: guard(false), requiredByBrowser: guard(true) };
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
