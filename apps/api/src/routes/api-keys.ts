import { apiKeyRoutes, type ApiKeyView } from '@onhook/contracts';
import type { Chance, Clock, Logger } from '@onhook/service';
import type { ApiKeys, KeptApiKey } from '@onhook/store';
import { newApiKey, newSecret } from '../api-key.js';
import { refusal, type Serve } from '../serve.js';
import type { Within } from '../within.js';

export interface ApiKeysDeps {
  readonly apiKeys: ApiKeys;
  /** Of this process: it obeys its own changes at once. */
  readonly keys: { forget(id: string): void };
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
  readonly within: Within;
}

/** `/v1/api-keys…`, for admins. A secret is shown by the answer that made it, and never again. */
export function addApiKeyRoutes(serve: Serve, { apiKeys, keys, clock, chance, logger, within }: ApiKeysDeps): void {
  serve(apiKeyRoutes.list, async () => {
    const now = clock.now();
    const all = await within(apiKeys.list());
    return { body: { data: all.map((key) => viewOf(key, now, key.lastUsedAt)) } };
  });

  serve(apiKeyRoutes.create, async ({ body: { name, scopes, expiresAt }, principal }) => {
    const now = clock.now();
    const end = expiresAt === undefined ? null : Date.parse(expiresAt);
    if (end !== null && end <= now) {
      return refusal('validation-failed', {
        errors: [{ pointer: '/expiresAt', code: 'too-small', message: 'Must be in the future' }],
      });
    }
    const { id, key, hash } = newApiKey(chance);
    const kept: KeptApiKey = { id, name, scopes: [...new Set(scopes)], createdAt: now, expiresAt: end, hash, previous: null };
    await within(apiKeys.put(kept));
    logger.warn({ keyId: id, scopes, by: principal.keyId }, 'API key was made');
    return { body: { ...viewOf(kept, now, null), key } };
  });

  serve(apiKeyRoutes.rotate, async ({ params: { id }, body: { overlapSeconds }, principal }) => {
    const now = clock.now();
    const before = await within(apiKeys.find(id));
    if (!before) return refusal('not-found');
    const { key, hash } = newSecret(id, chance);
    const previous = overlapSeconds === 0 ? null : { hash: before.hash, until: now + overlapSeconds * 1_000 };
    const kept: KeptApiKey = { ...before, hash, previous };
    await within(apiKeys.put(kept));
    keys.forget(id);
    logger.warn({ keyId: id, overlapSeconds, by: principal.keyId }, 'API key was rotated');
    return { body: { ...viewOf(kept, now, null), key } };
  });

  serve(apiKeyRoutes.revoke, async ({ params: { id }, principal }) => {
    const isGone = await within(apiKeys.remove(id));
    keys.forget(id);
    if (!isGone) return refusal('not-found');
    logger.warn({ keyId: id, by: principal.keyId }, 'API key was revoked');
    return {};
  });
}

function viewOf(key: KeptApiKey, now: number, lastUsedAt: number | null): ApiKeyView {
  const { id, name, scopes, createdAt, expiresAt, previous } = key;
  return {
    id,
    name,
    scopes: scopes as ApiKeyView['scopes'],
    createdAt: iso(createdAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt),
    previousValidUntil: previous !== null && previous.until > now ? iso(previous.until) : null,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
