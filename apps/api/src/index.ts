export type { ApiDeps, ApiSettings } from './api-deps.js';
export { readApiConfig, type ApiConfig } from './config.js';
export { closeHttpServer, createApi, createHttpServer, type Api } from './server.js';
