export { DEFAULT_HOURS, WEEKDAYS, type CallingHours, type CallingWindow, type Weekday } from './calling-hours.js';
export { createCallingClock, type CallingClock, type OpenInterval } from './calling-window.js';
export { CONTACT_STATES, EMPTY_LEDGER, isBalanced, isFinished, skippedOf, type ContactState, type Ledger } from './ledger.js';
export { callsAhead, rampedRate, shareOut, shouldPause, type AutoPause, type Claim, type Served } from './pacing.js';
export { chooseZones, isTimeZone, zonesOfNumber, type ZoneChoice, type ZoneSource } from './time-zones.js';
