import type { ApiKeys } from '../../ports/api-keys.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryApiKeys({ database, faults = {} }: { database: MemoryDatabase; faults?: MemoryFaults }): ApiKeys {
  const { apiKeys, apiKeysUsed } = database;
  return {
    put: (key) => step(faults, () => void apiKeys.set(key.id, structuredClone(key))),
    find: (id) => step(faults, () => structuredClone(apiKeys.get(id) ?? null)),
    list: () =>
      step(faults, () =>
        [...apiKeys.values()]
          .toSorted((a, b) => a.createdAt - b.createdAt)
          .map((key) => ({ ...structuredClone(key), lastUsedAt: apiKeysUsed.get(key.id) ?? null })),
      ),
    remove: (id) =>
      step(faults, () => {
        apiKeysUsed.delete(id);
        return apiKeys.delete(id);
      }),
    used: (id, at) => step(faults, () => void apiKeysUsed.set(id, at)),
  };
}
