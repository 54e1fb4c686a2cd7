export { createRedisAdmission, createRedisPlaces, type RedisAdmissionDeps } from './admission.js';
export { createRedisAdmissionControl } from './admission-control.js';
export { checkRedis, pingRedis, RedisUnfit, type RedisFacts } from './check.js';
export { connectRedis, type ConnectDeps, type RedisClient, type RedisKind } from './connect.js';
export { createRedisStore, type RedisStore, type RedisStoreDeps, type RedisStoreOptions } from './store.js';
