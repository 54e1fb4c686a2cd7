import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
async function problemsOf(folder: string): Promise<readonly string[]> {
  try {
    await loadAgents(folder);
  } catch (error) {
    if (error instanceof AgentFilesError) return error.problems;
    throw error;
  }
  return [];
}

describe('the folder of agents', () => {
  it('is read whole, by id, with defaults filled in', async () => {
    write('kim.json', { id: 'kim', name: 'Kim', instructions: 'Be kind.', greeting: 'Hello.' });
    write('lee.json', { id: 'lee', name: 'Lee', instructions: 'Be brief.', greeting: 'Hi.', discloseAi: false });
    write('notes.txt', 'not an agent');
    const agents = await loadAgents(dir);
    expect([...agents.keys()]).toEqual(['kim', 'lee']);
    expect(agents.get('kim')).toMatchObject({ discloseAi: true, provider: 'openai-realtime' });
  });

  it('names all mistakes of all files at once', async () => {
    write('a.json', '{ "id": ');
    write('b.json', { id: 'B!', name: '', instructions: 'x', greeting: 'x', greting: 'x' });
    write('c.json', { id: 'd', name: 'C', instructions: 'x', greeting: 'x' });
    const problems = await problemsOf(dir);
    expect(problems).toHaveLength(5);
    expect(problems[0]).toBe('a.json: is not valid JSON');
    expect(problems.filter((line) => line.startsWith('b.json: '))).toHaveLength(3);
    expect(problems.join('\n')).toContain('greting');
    expect(problems[4]).toBe('c.json: id: must be "c", as the file is called');
  });

  it('must exist and hold an agent', async () => {
    expect(await problemsOf(dir)).toEqual([`${dir}: holds no agent (*.json, *.ts)`]);
    expect(await problemsOf(path.join(dir, 'nowhere'))).toEqual([`${path.join(dir, 'nowhere')}: cannot be read (ENOENT)`]);
  });
});

describe('an agent that is a module', () => {
  const source = `{ id: 'kim', name: 'Kim', instructions: 'Be kind.', greeting: 'Hello.' }`;

  it.each([
    [
      'kim.ts',
      `interface Words { a: string }\nconst words = { a: 'Be kind.' } satisfies Words;\nexport default { ...${source}, instructions: words.a };`,
    ],
    ['kim.mts', `import path from 'node:path';\nexport default { ...${source}, name: path.basename('/x/Kim') };`],
    ['kim.mjs', `export default ${source};`],
  ])('is run, whatever it is written in: %s', async (file, content) => {
    write(file, content);
    expect((await loadAgents(dir)).get('kim')).toMatchObject({ name: 'Kim', instructions: 'Be kind.' });
  });

  it('may be put together from other files, which are no agents if they lie elsewhere', async () => {
    mkdirSync(path.join(dir, 'shared'));
    write('shared/manners.ts', `export const manners: string = 'Be kind.';`);
    write('kim.ts', `import { manners } from './shared/manners.js';\nexport default { ...${source}, instructions: manners };`);
    expect([...(await loadAgents(dir)).keys()]).toEqual(['kim']);
  });

  it('that cannot be run, exports nothing or has a namesake is a mistake like others', async () => {
    write('a.ts', 'export const agent = 1;');
    write('b.ts', 'export default {');
    write('c.mjs', `throw new Error('no such thing');`);
    write('kim.json', { id: 'kim', name: 'Kim', instructions: 'Be kind.', greeting: 'Hello.' });
    write('kim.ts', `export default ${source};`);
    expect(await problemsOf(dir)).toEqual([
      'a.ts: has no default export',
      expect.stringMatching(/^b\.ts: cannot be run \(/),
      'c.mjs: cannot be run (no such thing)',
      'kim.ts: id: there is another file for "kim"',
    ]);
  });
});

describe('the demonstration agent', async () => {
  const agents = await loadAgents(fileURLToPath(new URL('../../../agents', import.meta.url)));
  const agent = agents.get('demo')!;

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
