export { PRIVATE_NETWORKS, readAllowedNetworks, type AllowedNetworks, type LookUp } from './address-guard.js';
export { isForbiddenUrl } from './forbidden-url.js';
export {
  createSendGuarded,
  type FailedRequest,
  type GuardedAnswer,
  type GuardedRequest,
  type SendGuarded,
} from './guarded-request.js';
