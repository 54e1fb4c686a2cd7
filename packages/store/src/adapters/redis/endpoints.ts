import type { EndpointId } from '@onhook/contracts';
import { StoreContended } from '../../errors.js';
import type { Keys } from '../../keys.js';
import type { WebhookEndpoint, WebhookEndpoints } from '../../ports/webhooks.js';
import type { Vault } from '../../vault.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';
import { runScript, scripts } from './scripts.js';

export interface EndpointsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly vault: Vault;
}

const MOST_TRIES = 20;
const NOTHING = Buffer.alloc(0);

/** Few, and asked for often: one hash. Each is sealed, for it holds the secrets that it signs with. */
export function createRedisEndpoints({ redis, keys, vault }: EndpointsDeps): WebhookEndpoints {
  const contextOf = (id: EndpointId): string => `webhook-endpoint:${id}`;
  const seal = (endpoint: WebhookEndpoint): Buffer => vault.seal(contextOf(endpoint.id), JSON.stringify(endpoint));
  const open = (id: EndpointId, stored: Buffer): WebhookEndpoint =>
    JSON.parse(vault.open(contextOf(id), stored).toString('utf8')) as WebhookEndpoint;
  const stored = (id: EndpointId): Promise<Buffer | null> => ask(() => redis.hgetBuffer(keys.hookEndpoints(), id));

  async function swap(id: EndpointId, before: Buffer, after: Buffer, most: number): Promise<'done' | 'changed' | 'full'> {
    return (await runScript(redis, scripts.hookEndpoint, [keys.hookEndpoints()], [id, before, after, most])) as 'done';
  }

  return {
    async list() {
      const all = await ask(() => redis.hgetallBuffer(keys.hookEndpoints()));
      const endpoints = Object.entries(all).map(([id, bytes]) => open(id as EndpointId, bytes));
      return endpoints.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    },
    async load(id) {
      const bytes = await stored(id);
      return bytes && open(id, bytes);
    },
    async add(endpoint, most) {
      const outcome = await swap(endpoint.id, NOTHING, seal(endpoint), most);
      return outcome === 'done' ? 'added' : outcome === 'changed' ? 'exists' : 'full';
    },
    async change(id, change) {
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        const before = await stored(id);
        if (!before) return null;
        const endpoint = open(id, before);
        const changed = change(endpoint);
        if (changed === endpoint || (await swap(id, before, seal(changed), 0)) === 'done') return changed;
      }
      throw new StoreContended(MOST_TRIES);
    },
    async remove(id) {
      return (await ask(() => redis.hdel(keys.hookEndpoints(), id))) === 1;
    },
  };
}
