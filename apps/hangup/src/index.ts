export { readHangupConfig, type HangupConfig } from './config.js';
export { createLookForLeg, type LookForLeg } from './look-for-leg.js';
export { createPerform, type Perform } from './perform.js';
export { createEndStray, type EndStray } from './stray.js';
export { createTend, type Tend, type TendDeps } from './tend.js';
export { runWatchdog, type WatchdogDeps } from './watchdog.js';
