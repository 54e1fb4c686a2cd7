import { describe, expect, it } from 'vitest';
import { agentSchema, fillVariables, openingWords } from './agents.js';

const agent = agentSchema.parse({
  id: 'demo',
  name: 'Demo',
  instructions: 'Be kind.',
  greeting: 'I am calling about {{ what }}.',
});

describe('an agent', () => {
  it('says first that it is an AI, unless that is switched off', () => {
    expect(openingWords(agent, { what: 'your visit' })).toBe(
      'Hello. I am an automated AI assistant. I am calling about your visit.',
    );
    expect(openingWords({ ...agent, discloseAi: false }, { what: 'your visit' })).toBe('I am calling about your visit.');
  });

  it('fills variables in, and leaves no gap for one that is missing', () => {
    expect(fillVariables('{{a}} and {{ b }} and {{c-d}}', { a: 1, b: true, 'c-d': 'x' })).toBe('1 and true and x');
    expect(fillVariables('Hello {{name}} there', {})).toBe('Hello there');
  });

  it('a variable cannot smuggle in another one', () => {
    expect(fillVariables('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
  });

  it('refuses fields it does not know and ids that could be paths', () => {
    expect(agentSchema.safeParse({ ...agent, voise: 'marin' }).success).toBe(false);
    for (const id of ['../x', 'A', '', '-a', 'a/b', 'a'.repeat(64)])
      expect(agentSchema.safeParse({ ...agent, id }).success).toBe(false);
  });
});
