export { readAgentScriptsFile } from './scripts-file.js';
export type { Script as AgentScript } from './scripts.js';
export { createVoiceAgentServer, type VoiceAgentOptions, type VoiceAgentServer } from './server.js';
export { voiceDetections, type VoiceDetection } from './voice-activity.js';
