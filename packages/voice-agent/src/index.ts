export { AgentFilesError, loadAgents } from './load-agents.js';
export type { OpenSession, Resume, Tool, VoiceAgent, VoiceAgentEvents, VoiceAgentSession } from './port.js';
