export { createVoiceAgentServer, type VoiceAgentServer } from './server.js';
