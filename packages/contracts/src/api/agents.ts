import { z } from 'zod';
import { defineRoute } from './route.js';

const agentView = z
  .object({
    id: z.string(),
    name: z.string(),
    provider: z.string(),
    model: z.string(),
    voice: z.string(),
    language: z.string(),
    opening: z.string().meta({ description: 'The first words of a call, `{{variables}}` not yet filled in.' }),
    variables: z
      .object({ required: z.array(z.string()), optional: z.array(z.string()) })
      .meta({ description: 'What a call must give, and what it may.' }),
    limits: z.object({ ringTimeoutSeconds: z.int(), maxDurationSeconds: z.int() }),
    tools: z.array(z.string()),
    voicemail: z.object({ machine: z.string(), unknown: z.string() }).nullable(),
  })
  .meta({ id: 'Agent', description: 'Who speaks. Agents are files of the deployment; instructions and secrets are not shown.' });
export type AgentView = z.output<typeof agentView>;

const tag = 'Agents';

export const agentRoutes = {
  list: defineRoute({
    id: 'listAgents',
    method: 'GET',
    path: '/v1/agents',
    tag,
    summary: 'The agents that this deployment has.',
    scope: 'settings:read',
    answer: { status: 200, description: 'The agents, by id.', json: z.object({ data: z.array(agentView) }) },
  }),
  get: defineRoute({
    id: 'getAgent',
    method: 'GET',
    path: '/v1/agents/{id}',
    tag,
    summary: 'One agent.',
    scope: 'settings:read',
    params: z.strictObject({ id: z.string().max(63).meta({ description: 'An agent’s id.' }) }),
    answer: { status: 200, description: 'The agent.', json: agentView },
    example: { params: { id: 'demo' } },
  }),
};
