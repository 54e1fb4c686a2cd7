export type { JobAnswer, JobHandler, Producer, Waker, Worker } from './port.js';
export { JobPayloadError, readPayload } from './payload.js';
export { createWaker } from './waker.js';
