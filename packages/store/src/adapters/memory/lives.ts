import type { StoreLives } from '../../ports/lives.js';
import type { MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryLives({ database, faults }: { database: MemoryDatabase; faults: MemoryFaults }): StoreLives {
  return { of: () => step(faults, () => ({ ...database.life, now: database.clock.now() })) };
}
