import type { Agent } from '@onhook/contracts';
import { createSendGuarded, type AllowedNetworks } from '@onhook/outbound';
import type { Timers } from '@onhook/service';
import type { ToolSurroundings } from '../call-tools.js';
import { prepareHttpTool } from './http-tool.js';

/** The environment variables that the agents' tools name: `TOOL_…`. */
export function secretNames(agents: ReadonlyMap<string, Agent>): string[] {
  const names = [...agents.values()].flatMap(({ tools }) =>
    tools.http.flatMap(({ secretHeaders, signingSecret }) => [
      ...Object.values(secretHeaders),
      ...(signingSecret ? [signingSecret] : []),
    ]),
  );
  return [...new Set(names)].toSorted();
}

/** Agents that hand calls to somebody else: the carrier has to reach our callbacks for that. */
export function transferringAgents(agents: ReadonlyMap<string, Agent>): string[] {
  return [...agents.values()].filter(({ tools }) => tools.transfer).map(({ id }) => id);
}

interface PrepareToolsDeps {
  readonly agents: ReadonlyMap<string, Agent>;
  readonly publicUrl: string | undefined;
  /** By name; all of `secretNames`. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly allowed: AllowedNetworks;
  readonly timers: Pick<Timers, 'after'>;
}

/** Once at start: schemas are compiled, secrets are in place. */
export function prepareTools({ agents, publicUrl, secrets, allowed, timers }: PrepareToolsDeps): ToolSurroundings {
  const secretOf = (name: string): string => {
    const value = secrets[name];
    if (value === undefined) throw new Error(`no secret was read for ${name}`);
    return value;
  };
  return {
    publicUrl: publicUrl?.replace(/\/+$/, '') ?? null,
    httpTools: new Map(
      [...agents.values()].map(({ id, tools }) => [id, tools.http.map((tool) => prepareHttpTool(tool, secretOf))]),
    ),
    send: createSendGuarded({ timers, allowed }),
  };
}
