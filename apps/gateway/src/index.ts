export { readGatewayConfig, type GatewayConfig } from './config.js';
export { startGateway, type Gateway, type GatewayDeps } from './gateway.js';
export { GATEWAY_LIMITS, type GatewayLimits } from './limits.js';
export type { MediaSocket, MediaSocketListener } from './media-socket.js';
export { createTraffic, type Traffic } from './traffic.js';
export { createGatewayServer, type GatewayServerDeps } from './server.js';
