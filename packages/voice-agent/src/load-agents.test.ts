import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openingWords } from '@onhook/contracts';
import { AgentFilesError, loadAgents } from './load-agents.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'onhook-agents-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const write = (file: string, content: unknown): void =>
  writeFileSync(path.join(dir, file), typeof content === 'string' ? content : JSON.stringify(content));
function problemsOf(folder: string): readonly string[] {
  try {
    loadAgents(folder);
  } catch (error) {
    if (error instanceof AgentFilesError) return error.problems;
    throw error;
  }
  return [];
}

describe('the folder of agents', () => {
  it('is read whole, by id, with defaults filled in', () => {
    write('kim.json', { id: 'kim', name: 'Kim', instructions: 'Be kind.', greeting: 'Hello.' });
    write('lee.json', { id: 'lee', name: 'Lee', instructions: 'Be brief.', greeting: 'Hi.', discloseAi: false });
    write('notes.txt', 'not an agent');
    const agents = loadAgents(dir);
    expect([...agents.keys()]).toEqual(['kim', 'lee']);
    expect(agents.get('kim')).toMatchObject({ discloseAi: true, provider: 'openai-realtime' });
  });

  it('names all mistakes of all files at once', () => {
    write('a.json', '{ "id": ');
    write('b.json', { id: 'B!', name: '', instructions: 'x', greeting: 'x', greting: 'x' });
    write('c.json', { id: 'd', name: 'C', instructions: 'x', greeting: 'x' });
    const problems = problemsOf(dir);
    expect(problems).toHaveLength(5);
    expect(problems[0]).toBe('a.json: is not valid JSON');
    expect(problems.filter((line) => line.startsWith('b.json: '))).toHaveLength(3);
    expect(problems.join('\n')).toContain('greting');
    expect(problems[4]).toBe('c.json: id: must be "c", as the file is called');
  });

  it('must exist and hold an agent', () => {
    expect(problemsOf(dir)).toEqual([`${dir}: holds no agent (*.json)`]);
    expect(problemsOf(path.join(dir, 'nowhere'))).toEqual([`${path.join(dir, 'nowhere')}: cannot be read (ENOENT)`]);
  });
});

describe('the demonstration agent', () => {
  const agent = loadAgents(fileURLToPath(new URL('../../../agents', import.meta.url))).get('demo')!;

  it('says first that it is an AI, and needs no variables', () => {
    const words = openingWords(agent, {});
    expect(words).toMatch(/^Hello\. I am an automated AI assistant/);
    expect(words).not.toMatch(/[{}]/);
    expect(openingWords(agent, { name: 'Kim' })).toBe(words);
  });

  it('says nothing that a small voice stumbles over', () => {
    expect(openingWords(agent, {})).toMatch(/^[A-Za-z ,.?']+$/);
  });
});
