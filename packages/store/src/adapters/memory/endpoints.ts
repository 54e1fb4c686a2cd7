import type { WebhookEndpoints } from '../../ports/webhooks.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryEndpoints({
  database,
  faults,
}: {
  database: MemoryDatabase;
  faults: MemoryFaults;
}): WebhookEndpoints {
  const { endpoints } = database.hooks;
  return {
    list: () =>
      step(faults, () => [...endpoints.values()].toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))),
    load: (id) => step(faults, () => endpoints.get(id) ?? null),
    add: (endpoint, most) =>
      step(faults, () => {
        if (endpoints.has(endpoint.id)) return 'exists';
        if (endpoints.size >= most) return 'full';
        endpoints.set(endpoint.id, endpoint);
        return 'added';
      }),
    change: (id, change) =>
      step(faults, () => {
        const endpoint = endpoints.get(id);
        if (!endpoint) return null;
        const changed = change(endpoint);
        endpoints.set(id, changed);
        return changed;
      }),
    remove: (id) => step(faults, () => endpoints.delete(id)),
  };
}
