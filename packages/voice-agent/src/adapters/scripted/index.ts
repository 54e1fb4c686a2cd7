export { createScriptedAgent, type ScriptedAgent, type ScriptedSession, type ScriptedTurn } from './scripted-agent.js';
