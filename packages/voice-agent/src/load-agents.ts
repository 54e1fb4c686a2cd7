import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { agentSchema, type Agent } from '@onhook/contracts';

/** All mistakes of all files, one line each: `demo.json: greeting: …`. */
export class AgentFilesError extends Error {
  readonly code = 'agents-invalid';
  constructor(readonly problems: readonly string[]) {
    super(`Agents are not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'AgentFilesError';
  }
}

/**
 * Reads every `*.json` in a folder. The file's name is the agent's id.
 *
 * @throws AgentFilesError the folder cannot be read, holds no agent, or any file is wrong
 */
export function loadAgents(dir: string): Map<string, Agent> {
  const problems: string[] = [];
  const agents = new Map<string, Agent>();
  for (const file of agentFiles(dir, problems)) {
    const agent = readAgent(dir, file, problems);
    if (agent) agents.set(agent.id, agent);
  }
  if (problems.length > 0) throw new AgentFilesError(problems);
  return agents;
}

function agentFiles(dir: string, problems: string[]): string[] {
  try {
    const files = readdirSync(dir).filter((file) => file.endsWith('.json'));
    if (files.length === 0) problems.push(`${dir}: holds no agent (*.json)`);
    return files.toSorted();
  } catch (error) {
    problems.push(`${dir}: cannot be read (${codeOf(error)})`);
    return [];
  }
}

function readAgent(dir: string, file: string, problems: string[]): Agent | undefined {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path.join(dir, file), 'utf8'));
  } catch (error) {
    problems.push(`${file}: ${error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${codeOf(error)})`}`);
    return undefined;
  }
  const result = agentSchema.safeParse(given);
  if (!result.success) {
    for (const issue of result.error.issues) problems.push(`${file}: ${issue.path.join('.') || 'agent'}: ${issue.message}`);
    return undefined;
  }
  if (`${result.data.id}.json` !== file)
    problems.push(`${file}: id: must be "${path.basename(file, '.json')}", as the file is called`);
  return result.data;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';
