export { BadCursor, StoreContended, StoreRefused, StoreUnavailable } from './errors.js';
export { DEFAULT_OPTIONS, type StoreOptions } from './options.js';
export type { Admission, AdmissionRequest, Admitted } from './ports/admission.js';
export type { Applied, Calls, Created, Idempotency, LeasedStream, Loaded, TimelineEntry } from './ports/calls.js';
export type { GatewayDirectory, GatewayEntry, OrderReceiver, OrderSender } from './ports/directory.js';
export type { WorkerBeats } from './ports/workers.js';
export { chooseShard } from './shard.js';
