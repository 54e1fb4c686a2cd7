import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { houseRules } from '../apps/onhook/setup/house-rules.mjs';
import { BREACHES } from './house-rules/breaches.js';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const CONFIGS = ['.oxlintrc.json', '.oxfmtrc.json', 'knip.json', 'package.json', 'tsconfig.json', 'tsconfig.base.json'];
const said: Partial<Record<(typeof BREACHES)[number]['tool'], string>> = {};
let folder: string;

/** A house of planted breaches under the repository's own rules: each tool runs over it once. */
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'onhook-breaches-')));
  for (const config of CONFIGS) cpSync(path.join(REPOSITORY, config), path.join(folder, config));
  symlinkSync(path.join(REPOSITORY, 'node_modules'), path.join(folder, 'node_modules'));
  for (const { file, text } of BREACHES) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  // knip looks into workspaces only.
  writeFileSync(path.join(folder, 'packages/queue/package.json'), '{ "name": "@onhook/queue", "type": "module" }');
  writeFileSync(path.join(folder, 'packages/queue/src/index.ts'), 'export {};\n');
  const run = (cli: string, ...args: string[]): string => {
    const { stdout, stderr } = spawnSync(process.execPath, [path.join(REPOSITORY, 'node_modules', cli), ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NO_COLOR: '1' },
    });
    return stdout + stderr;
  };
  said.oxlint = run('oxlint/bin/oxlint', '--type-aware', '-f', 'unix');
  said.tsc = run('typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit');
  said.oxfmt = run('oxfmt/bin/oxfmt', '--check', '.');
  said.knip = run('knip/bin/knip.js', '--no-progress');
  said['house-rules'] = houseRules(folder).join('\n');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the rules of the house', () => {
  it.each(BREACHES)('$tool names a breach of $rule in $file', ({ tool, rule, file }) => {
    const words = said[tool] ?? '';
    if (tool === 'knip' || tool === 'oxfmt') {
      expect(words).toContain(file);
      return;
    }
    // A breach of a whole folder is told of the folder.
    const place = rule === 'top-folders' ? file.split('/')[0] : rule === 'room-readme' ? path.dirname(file) : file;
    expect(words.split('\n').filter((line) => line.startsWith(place ?? file) && line.includes(rule))).not.toEqual([]);
  });
});
