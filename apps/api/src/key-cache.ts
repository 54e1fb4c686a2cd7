import type { Clock, Logger } from '@onhook/service';
import type { ApiKeys, KeptApiKey } from '@onhook/store';
import type { Within } from './within.js';

/** So long a key that was revoked elsewhere may still open here. */
const GOOD_FOR_MS = 2_000;
/** Made-up ids are remembered too, so that they do not all become questions to Redis. */
const MOST_KNOWN = 1_000;
const NOTED_EVERY_MS = 60_000;

export interface KeyCache {
  find(id: string): Promise<KeptApiKey | null>;
  /** Written seldom, and nobody waits for it. */
  noteUse(id: string): void;
  forget(id: string): void;
}

/** API keys are asked for with every request, and change almost never. */
export function createKeyCache({
  apiKeys,
  clock,
  within,
  logger,
}: {
  apiKeys: Pick<ApiKeys, 'find' | 'used'>;
  clock: Clock;
  within: Within;
  logger: Logger;
}): KeyCache {
  const known = new Map<string, { readonly key: Promise<KeptApiKey | null>; readonly askedAt: number }>();
  const noted = new Map<string, number>();

  return {
    find(id) {
      const cached = known.get(id);
      if (cached && clock.monotonicMs() - cached.askedAt < GOOD_FOR_MS) return cached.key;
      const key = within(apiKeys.find(id));
      known.delete(id);
      known.set(id, { key, askedAt: clock.monotonicMs() });
      const [oldest] = known.keys();
      if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
      // An outage is not remembered.
      key.catch(() => known.delete(id));
      return key;
    },

    noteUse(id) {
      const now = clock.now();
      if (now - (noted.get(id) ?? 0) < NOTED_EVERY_MS) return;
      noted.set(id, now);
      apiKeys.used(id, now).catch((error: unknown) => logger.debug({ err: error, keyId: id }, 'use of an API key was not noted'));
    },

    forget: (id) => void known.delete(id),
  };
}
