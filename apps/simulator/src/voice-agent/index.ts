export { readAgentScriptsFile } from './scripts-file.js';
export { createVoiceAgentServer, type VoiceAgentOptions, type VoiceAgentServer } from './server.js';
