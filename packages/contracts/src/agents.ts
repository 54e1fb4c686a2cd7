import { z } from 'zod';

/** `agents/<id>.json`: who speaks, and how. */
export const agentSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
  name: z.string().min(1).max(100),
  provider: z.enum(['openai-realtime']).default('openai-realtime'),
  model: z.string().min(1).default('gpt-realtime-2.1'),
  voice: z.string().min(1).default('marin'),
  language: z.string().min(2).default('en'),
  instructions: z.string().min(1).max(20_000),
  /** Spoken first. `{{name}}` is filled from the call's variables. */
  greeting: z.string().min(1).max(1_000),
  /** Put `disclosure` before the greeting. On unless switched off: many laws ask for it. */
  discloseAi: z.boolean().default(true),
  disclosure: z.string().min(1).max(500).default('Hello. I am an automated AI assistant.'),
  temperature: z.number().min(0).max(2).optional(),
});
export type Agent = z.output<typeof agentSchema>;

/** The first words of a call: the disclosure, unless switched off, and the greeting, variables filled; unknown ones stay empty. */
export function openingWords(agent: Agent, variables: Readonly<Record<string, string | number | boolean>>): string {
  const text = agent.discloseAi ? `${agent.disclosure} ${agent.greeting}` : agent.greeting;
  return fillVariables(text, variables);
}

export function fillVariables(text: string, variables: Readonly<Record<string, string | number | boolean>>): string {
  return text
    .replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => String(variables[name] ?? ''))
    .replace(/ {2,}/g, ' ')
    .trim();
}
