export { readHangupConfig, type HangupConfig } from './config.js';
export { createLookForLeg, type LookForLeg } from './look-for-leg.js';
export { createPerform, type Perform } from './perform.js';
export { createReconcileLegs } from './reconcile-legs.js';
export { createReconcilePlaces } from './reconcile-places.js';
export { runReconciler } from './reconcile.js';
export { createEndStray, type EndStray } from './stray.js';
export { createTend, type Tend, type TendDeps } from './tend.js';
export { runWatchdog, type WatchdogDeps } from './watchdog.js';
