import { agentSchema, type Agent, type AgentSource } from '@onhook/contracts';
import type { ScriptedTurn } from '@onhook/voice-agent/scripted';
import type { Draw } from './draw.js';

export const PERSONAS = ['polite', 'endless', 'forgetful', 'asker', 'connector', 'hurried', 'detector', 'messenger'] as const;
export type Persona = (typeof PERSONAS)[number];

const END: ScriptedTurn = { says: 'Thank you very much, and goodbye.', tool: { name: 'end_call', args: { reason: 'done' } } };

const base: AgentSource = { id: 'polite', name: 'Simulated', instructions: 'Talk.', greeting: 'Hello there.', discloseAi: false };
const transfer = {
  targets: { desk: { number: '+14155550177', description: 'The front desk.' } },
  ringSeconds: 15,
  limitSeconds: 60,
};

const SOURCES: Readonly<Record<Persona, Partial<AgentSource>>> = {
  polite: {},
  endless: {},
  forgetful: {},
  asker: {},
  connector: { tools: { transfer } },
  hurried: {},
  detector: { voicemail: { machine: 'hang-up', unknown: 'hang-up' } },
  messenger: { voicemail: { machine: 'leave-message', message: 'Please call us back.' } },
};

export const AGENTS: ReadonlyMap<string, Agent> = new Map(
  PERSONAS.map((id) => [id, agentSchema.parse({ ...base, ...SOURCES[id], id })]),
);

/** What the provider's model does in one session, turn by turn, each when the callee has stopped speaking. */
export function scriptOf(persona: Persona, draw: Draw): ScriptedTurn[] {
  const talk = (turns: number): ScriptedTurn[] => Array.from({ length: turns }, () => ({ says: 'x'.repeat(draw.whole(10, 60)) }));
  switch (persona) {
    case 'polite':
    case 'detector':
    case 'messenger':
      return [...talk(draw.whole(0, 3)), draw.happens(0.2) ? { ...END, toolFirst: true } : END, END];
    case 'hurried':
      // Without a word of farewell: it is asked for one.
      return [...talk(draw.whole(0, 2)), { tool: { name: 'end_call', args: { reason: 'done' } } }, { says: 'Goodbye.' }, END];
    case 'forgetful':
      return [...talk(draw.whole(0, 2)), { says: 'Thank you, goodbye!' }, END];
    case 'asker':
      return [...talk(1), { says: 'Is there anything else?', tool: { name: 'end_call', args: { reason: 'done' } } }, END, END];
    case 'connector':
      return [
        ...talk(draw.whole(0, 1)),
        { says: 'I connect you with the desk.', tool: { name: 'transfer_call', args: { target: 'desk' } } },
        END,
        END,
      ];
    case 'endless':
      return talk(100);
  }
}
