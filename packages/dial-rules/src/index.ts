export { classifyNumber } from './classify-number.js';
export { judgeNumber, type AllowedDestinations, type NumberProblem, type NumberVerdict } from './judge-number.js';
export { accountLimits, limitSettings, requirePrices, type LimitSettings } from './limit-settings.js';
