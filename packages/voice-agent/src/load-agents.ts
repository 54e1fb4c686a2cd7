import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { agentProblems, agentSchema, type Agent } from '@onhook/contracts';
import { createJiti } from 'jiti';

/** All mistakes of all files, one line each: `demo.json: greeting: …`. */
export class AgentFilesError extends Error {
  readonly code = 'agents-invalid';
  constructor(readonly problems: readonly string[]) {
    super(`Agents are not valid:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'AgentFilesError';
  }
}

const AGENT_FILE = /^(?<id>.+)\.(?:json|ts|mts|js|mjs)$/;
const NO_AGENT = /\.(?:test|spec|d)\.m?[jt]s$/;

/**
 * Reads every agent in a folder: `*.json`, or a module (`*.ts`, `*.mts`, `*.js`, `*.mjs`) whose default export is one. The file's
 * name is the agent's id. Modules are run; Node 20 cannot read TypeScript, so jiti takes the types away, and checks none of them.
 *
 * @throws AgentFilesError the folder cannot be read, holds no agent, or any file is wrong
 */
export async function loadAgents(dir: string): Promise<Map<string, Agent>> {
  const problems: string[] = [];
  const agents = new Map<string, Agent>();
  for (const file of agentFiles(dir, problems)) {
    const agent = await readAgent(path.resolve(dir), file, problems);
    if (agent && agents.has(agent.id)) problems.push(`${file}: id: there is another file for "${agent.id}"`);
    else if (agent) agents.set(agent.id, agent);
  }
  if (problems.length > 0) throw new AgentFilesError(problems);
  return agents;
}

function agentFiles(dir: string, problems: string[]): string[] {
  try {
    const files = readdirSync(dir).filter((file) => AGENT_FILE.test(file) && !NO_AGENT.test(file));
    if (files.length === 0) problems.push(`${dir}: holds no agent (*.json, *.ts)`);
    return files.toSorted();
  } catch (error) {
    problems.push(`${dir}: cannot be read (${codeOf(error)})`);
    return [];
  }
}

async function readAgent(dir: string, file: string, problems: string[]): Promise<Agent | undefined> {
  const given = file.endsWith('.json') ? readJson(dir, file, problems) : await runModule(dir, file, problems);
  if (given === undefined) return undefined;
  const result = agentSchema.safeParse(given);
  if (!result.success) {
    for (const problem of agentProblems(result.error)) problems.push(`${file}: ${problem}`);
    return undefined;
  }
  const id = AGENT_FILE.exec(file)?.groups?.['id'];
  if (result.data.id !== id) problems.push(`${file}: id: must be "${id}", as the file is called`);
  return result.data;
}

function readJson(dir: string, file: string, problems: string[]): unknown {
  try {
    return JSON.parse(readFileSync(path.join(dir, file), 'utf8'));
  } catch (error) {
    problems.push(`${file}: ${error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${codeOf(error)})`}`);
    return undefined;
  }
}

async function runModule(dir: string, file: string, problems: string[]): Promise<unknown> {
  try {
    // Without caches: nothing is written beside the agents or into node_modules, which may be read-only.
    const jiti = createJiti(path.join(dir, file), { fsCache: false, moduleCache: false, interopDefault: false });
    const module = await jiti.import<{ readonly default?: unknown }>(path.join(dir, file));
    if (module.default === undefined) problems.push(`${file}: has no default export`);
    return module.default;
  } catch (error) {
    problems.push(`${file}: cannot be run (${error instanceof Error ? firstLine(error.message) : 'it threw no error'})`);
    return undefined;
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';
