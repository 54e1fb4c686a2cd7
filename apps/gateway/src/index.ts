export { readGatewayConfig, type GatewayConfig } from './config.js';
export { createDirectoryRecordings } from './directory-recordings.js';
export { startGateway, type Gateway, type GatewayDeps } from './gateway.js';
export { GATEWAY_LIMITS, type GatewayLimits } from './limits.js';
export type { MediaSocket, MediaSocketListener } from './media-socket.js';
export type { RecordingStore, RecordingWriter } from './recording-store.js';
export { createGatewayServer, type GatewayServerDeps } from './server.js';
