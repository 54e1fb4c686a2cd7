export type { RedisClient } from './connections.js';
export { createBullmqProducer, QueueUnavailableError, type BullmqProducerDeps } from './producer.js';
export { createBullmqQueues, type BullmqQueues } from './queues.js';
export { startBullmqWorker, type BullmqWorker, type BullmqWorkerDeps } from './worker.js';
