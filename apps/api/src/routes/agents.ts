import { agentRoutes, missingVariables, type Agent, type AgentView } from '@onhook/contracts';
import { refusal, type Serve } from '../serve.js';

/** `/v1/agents`: who may speak, without what they were told in confidence. */
export function addAgentRoutes(serve: Serve, { agents }: { agents: ReadonlyMap<string, Agent> }): void {
  const views = new Map([...agents].map(([id, agent]) => [id, viewOf(agent)]));
  const inOrder = [...views.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));

  serve(agentRoutes.list, () => ({ body: { data: inOrder } }));
  serve(agentRoutes.get, ({ params: { id } }) => {
    const view = views.get(id);
    return view ? { body: view } : refusal('not-found');
  });
}

function viewOf(agent: Agent): AgentView {
  const { id, name, provider, model, voice, language, limits, tools, voicemail } = agent;
  return {
    id,
    name,
    provider,
    model,
    voice,
    language,
    opening: agent.discloseAi ? `${agent.disclosure} ${agent.greeting}` : agent.greeting,
    variables: { required: missingVariables(agent, {}), optional: Object.keys(agent.variables).toSorted() },
    limits: { ringTimeoutSeconds: limits.ringTimeoutSeconds, maxDurationSeconds: limits.maxDurationSeconds },
    tools: [
      'end_call',
      ...(tools.sendDtmf ? ['send_dtmf'] : []),
      ...(tools.transfer ? ['transfer_call'] : []),
      ...tools.http.map((tool) => tool.name),
    ],
    voicemail: voicemail ? { machine: voicemail.machine, unknown: voicemail.unknown } : null,
  };
}
