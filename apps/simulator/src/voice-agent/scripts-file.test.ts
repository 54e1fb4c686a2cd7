import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@onhook/service';
import { afterAll, describe, expect, it } from 'vitest';
import { readAgentScriptsFile } from './scripts-file.js';
import { createScriptTable } from './scripts.js';

const dir = mkdtempSync(join(tmpdir(), 'agent-scripts-'));
afterAll(() => rmSync(dir, { recursive: true }));
function fileOf(content: string): string {
  const path = join(dir, 'scripts.json');
  writeFileSync(path, content);
  return path;
}

describe('AGENT_SCRIPTS_FILE', () => {
  it('adds scripts to the built-in ones, and replaces one of the same name', () => {
    const steps = { any: [{ says: 'Cracker.' }] };
    const scripts = readAgentScriptsFile(
      fileOf(
        JSON.stringify([
          { name: 'parrot', greeting: 'Polly.', steps },
          { name: 'demo', greeting: 'Mine.', steps },
        ]),
      ),
    );
    const table = createScriptTable(scripts);
    expect(table.get('parrot')).toMatchObject({ greeting: 'Polly.', transcripts: 'parallel', longestTurnMs: 30_000 });
    expect(table.default()).toMatchObject({ greeting: 'Mine.' });
    expect(table.names()).toContain('never-ends');
  });

  it('names what is wrong with it', () => {
    expect(() => readAgentScriptsFile(join(dir, 'none.json'))).toThrow(ConfigError);
    expect(() => readAgentScriptsFile(fileOf('{'))).toThrow('AGENT_SCRIPTS_FILE');
    const wrong = [{ name: 'x', greeting: 'Hi', steps: { a: [{ says: 'Yes', dance: true }] } }];
    expect(() => readAgentScriptsFile(fileOf(JSON.stringify(wrong)))).toThrow('0.steps.a.0');
  });
});
