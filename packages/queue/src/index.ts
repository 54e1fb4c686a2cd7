export type { JobAnswer, JobHandler, Producer, Waker, Worker } from './port.js';
export { JobPayloadError, readPayload } from './payload.js';
export { watchProgress, type Progress, type WatchProgressDeps } from './progress.js';
export { serveJobs, type ServeJobsDeps } from './serve-jobs.js';
export { createWaker } from './waker.js';
