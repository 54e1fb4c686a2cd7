import { agentRoutes } from './agents.js';
import { apiKeyRoutes } from './api-keys.js';
import { callChangeRoutes } from './call-changes.js';
import { callMediaRoutes } from './call-media.js';
import { callRoutes } from './calls.js';
import { campaignContactRoutes } from './campaign-contacts.js';
import { campaignRoutes } from './campaigns.js';
import { dialingRoutes } from './dialing.js';
import { doNotCallRoutes } from './do-not-call.js';
import { healthRoutes } from './health.js';
import { limitRoutes } from './limits.js';
import { liveEventRoutes } from './live-events.js';
import type { Route } from './route.js';
import { statsRoutes } from './stats.js';
import { webhookDeliveryRoutes } from './webhook-deliveries.js';
import { webhookEndpointRoutes } from './webhook-endpoints.js';

/** Every route, in the order of the documentation. */
export const ROUTES: readonly Route[] = [
  callRoutes,
  callChangeRoutes,
  callMediaRoutes,
  campaignRoutes,
  campaignContactRoutes,
  dialingRoutes,
  liveEventRoutes,
  webhookEndpointRoutes,
  webhookDeliveryRoutes,
  doNotCallRoutes,
  limitRoutes,
  statsRoutes,
  agentRoutes,
  apiKeyRoutes,
  healthRoutes,
].flatMap((routes) => Object.values<Route>(routes));
