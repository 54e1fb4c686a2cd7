import { withDefaults, type StoreOptions } from '../../options.js';
import type { Feed } from '../../ports/feed.js';
import type { Deliveries, Outbox, OutboxItem, WebhookEndpoints } from '../../ports/webhooks.js';
import { lineMember } from '../../record/delivery-codec.js';
import { createMemoryDeliveries } from './deliveries.js';
import type { MemoryDatabase } from './database.js';
import { createMemoryEndpoints } from './endpoints.js';
import { step, type MemoryFaults } from './faults.js';
import { createMemoryFeed } from './feed.js';
import { lineOf } from './hooks.js';

export interface MemoryNewsDeps {
  readonly database: MemoryDatabase;
  readonly options?: Partial<StoreOptions>;
  readonly faults?: MemoryFaults;
}

export interface MemoryNews {
  readonly outbox: Outbox;
  readonly endpoints: WebhookEndpoints;
  readonly deliveries: Deliveries;
  readonly feed: Feed;
}

export function createMemoryNews({ database, options: given, faults = {} }: MemoryNewsDeps): MemoryNews {
  const options = withDefaults(given);
  return {
    outbox: createMemoryOutbox({ database, options, faults }),
    endpoints: createMemoryEndpoints({ database, faults }),
    deliveries: createMemoryDeliveries({ database, options, faults }),
    feed: createMemoryFeed({ database, faults }),
  };
}

function createMemoryOutbox({
  database,
  options,
  faults,
}: {
  database: MemoryDatabase;
  options: StoreOptions;
  faults: MemoryFaults;
}): Outbox {
  const { outbox, hooks } = database;
  const take = ({ callId, news }: OutboxItem): boolean => {
    const at = outbox.findIndex((entry) => entry.callId === callId && entry.version === news.version);
    if (at < 0) return false;
    outbox.splice(at, 1);
    return true;
  };

  return {
    read: (limit) =>
      step(faults, () => ({
        items: outbox.slice(0, limit).map(({ callId, version, at, event, from, state, hook }): OutboxItem => ({
          callId,
          position: `${callId}-${version}`,
          news: { version, at, event, from, state, ...(hook && { hook }) },
        })),
        unreadable: 0,
      })),
    relay: (item, type, endpointIds) =>
      step(faults, () => {
        if (!take(item)) return false;
        const now = Math.floor(database.clock.now());
        const { callId, news } = item;
        for (const endpointId of endpointIds) {
          const line = { callId, endpointId };
          const member = lineMember(line);
          const kept = lineOf(hooks, line, now) ?? { line, deliveries: new Map(), token: null, expiresAt: 0 };
          hooks.lines.set(member, kept);
          if (kept.deliveries.has(news.version)) continue;
          kept.expiresAt = now + options.deliveryLogMs;
          kept.deliveries.set(news.version, {
            ...line,
            sequence: news.version,
            type,
            at: news.at,
            since: news.at,
            status: 'pending',
            tries: 0,
            triedAt: null,
            result: null,
            nextTryAt: null,
          });
          if (!hooks.due.has(member)) hooks.due.set(member, now);
          hooks.log.push({ member, sequence: news.version });
        }
        return true;
      }),
    drop: (items) => step(faults, () => items.forEach(take)),
    length: () => step(faults, () => outbox.length),
  };
}
