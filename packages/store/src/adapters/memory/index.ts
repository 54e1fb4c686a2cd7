export { createMemoryAdmission, type MemoryAdmissionDeps } from './admission.js';
export { createMemoryAdmissionControl } from './admission-control.js';
export { createMemoryDatabase, type MemoryDatabase } from './database.js';
export type { MemoryFaults } from './faults.js';
export { createMemoryStore, type MemoryStore, type MemoryStoreDeps } from './store.js';
