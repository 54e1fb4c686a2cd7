import { describe, expect, it } from 'vitest';
import { createScenarioTable, magicNumbers, personas } from './scenarios.js';

describe('scenarios', () => {
  it('gives every persona a number of its own, and every other number to the one that chats', () => {
    expect(new Set(Object.values(magicNumbers))).toEqual(new Set(Object.keys(personas)));
    const table = createScenarioTable();
    for (const [to, persona] of Object.entries(magicNumbers))
      expect(table.behaviourOf(to)).toEqual({ persona, behaviour: personas[persona] });
    expect(table.behaviourOf('+4915112345678').persona).toBe('chats');
  });

  it('prefers the exact number, then the longest prefix, then the magic number', () => {
    const table = createScenarioTable([
      { to: '+1415*', persona: 'busy' },
      { to: '+14155550*', persona: 'silent', answerAfterMs: 5 },
      { to: '+14155550100', persona: 'declines' },
    ]);
    expect(table.behaviourOf('+14155550100').behaviour.outcome).toBe('declines');
    expect(table.behaviourOf('+14155550101')).toMatchObject({ persona: 'silent', behaviour: { answerAfterMs: 5 } });
    expect(table.behaviourOf('+14150000000').persona).toBe('busy');
    table.clear();
    expect(table.behaviourOf('+14155550103').persona).toBe('busy');
  });

  it('refuses what it does not know', () => {
    const table = createScenarioTable();
    expect(() => table.set({ to: '4155550100' })).toThrow(/E\.164/);
    expect(() => table.set({ to: '+14155550100', quietOnceHeard: '(' })).toThrow(/regular expression/);
    expect(() => table.set({ to: '+14155550100', mood: 'bad' } as never)).toThrow(/mood/);
  });
});
