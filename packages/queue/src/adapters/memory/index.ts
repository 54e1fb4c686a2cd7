export { createMemoryQueues, type MemoryQueueFaults, type MemoryQueues, type StartMemoryWorker } from './memory-queues.js';
