export { readDialerConfig, type DialerConfig } from './config.js';
export { createDial, type DialDeps } from './dial.js';
export { createReadiness, type Readiness } from './readiness.js';
export { createTellRecord, type TellRecord } from './tell-record.js';
