export { systemChance, uuidv7From, type Chance } from './chance.js';
export { systemClock, systemTimers, type Clock, type Timer, type Timers } from './clock.js';
export { ConfigError, flag, logLevel, naming, readConfig, redisUrl, wholeNumber } from './config.js';
export { armFailpoints, type Failpoints } from './failpoints.js';
export { configOrExit, runService, type ServiceScope } from './lifecycle.js';
export { createLogger, maskNumber, maskNumbers, silentLogger, type Logger } from './logger.js';
export { systemLoopUsage, type LoopUsage } from './loop-usage.js';
export { createSeldom, type Seldom } from './seldom.js';
