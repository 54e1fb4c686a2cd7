import { createKeys } from '../../keys.js';
import { withDefaults, type StoreOptions } from '../../options.js';
import type { Feed } from '../../ports/feed.js';
import type { Deliveries, Outbox, WebhookEndpoints } from '../../ports/webhooks.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import type { RedisClient } from './connect.js';
import { createRedisDeliveries } from './deliveries.js';
import { createRedisEndpoints } from './endpoints.js';
import { createRedisFeed } from './feed.js';
import { createRedisOutbox } from './outbox.js';
import { FEED_LENGTH } from './store.js';

export interface RedisNewsDeps {
  /** Of kind `producer`. */
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly vault?: Vault;
  readonly options?: Partial<StoreOptions & { readonly feedLength: number }>;
}

/** What tells the world outside of calls. Only the api needs it. */
export interface RedisNews {
  readonly outbox: Outbox;
  readonly endpoints: WebhookEndpoints;
  readonly deliveries: Deliveries;
  readonly feed: Feed;
}

export function createRedisNews({ redis, prefix, vault = OPEN_VAULT, options: given }: RedisNewsDeps): RedisNews {
  const keys = createKeys(prefix);
  const options = withDefaults(given);
  return {
    outbox: createRedisOutbox({ redis, keys, options }),
    endpoints: createRedisEndpoints({ redis, keys, vault }),
    deliveries: createRedisDeliveries({ redis, keys, options }),
    feed: createRedisFeed({ redis, keys, feedLength: given?.feedLength ?? FEED_LENGTH }),
  };
}
