export { AgentFilesError, loadAgents } from './load-agents.js';
export type { OpenSession, Tool, VoiceAgent, VoiceAgentEvents, VoiceAgentSession } from './port.js';
