export { createAdmit, type Admit } from './admit.js';
export { classifyNumber } from './classify-number.js';
export { readDialerConfig, type DialerConfig } from './config.js';
export { createDial, type DialDeps } from './dial.js';
export { accountLimits } from './limits-config.js';
export { createLookBeforeDial, type LookBeforeDial } from './look-before-dial.js';
export { createReadiness, type Readiness } from './readiness.js';
export { createTellRecord, type TellRecord } from './tell-record.js';
