import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { readLauncherConfig } from '@onhook/onhook';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestHouse, type TestHouse } from './house.js';

const root = path.resolve(import.meta.dirname, '..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!);
const run = promisify(execFile);

/** Joins lines that end in a backslash, drops comments and empty lines. */
const commandsOf = (block: string): string[] =>
  block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
const commands = blocks.filter((block) => !/^[A-Z_]+=/m.test(block)).flatMap(commandsOf);
const curls = commands.filter((command) => command.startsWith('curl '));

describe('what the README tells a reader to type', () => {
  let house: TestHouse;
  let bin: string;
  beforeAll(async () => {
    house = await openTestHouse({ agentsDir: path.join(root, 'agents') });
    // A bare machine has no curl: ours then takes its place.
    bin = mkdtempSync(path.join(tmpdir(), 'onhook-curl-'));
    const hasCurl = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, 'curl')));
    if (!hasCurl) {
      const standIn = path.join(root, 'test/curl/curl.mjs');
      chmodSync(standIn, 0o755);
      symlinkSync(standIn, path.join(bin, 'curl'));
    }
  });
  afterAll(async () => {
    await house.close();
    rmSync(bin, { recursive: true, force: true });
  });

  it('places the first call, looks at it and ends it with the very commands that stand there', async () => {
    expect(curls).toHaveLength(3);
    let callId = '';
    for (const command of curls) {
      const { stdout } = await run('sh', ['-c', command.replaceAll('http://127.0.0.1:3000', house.apiUrl)], {
        env: { PATH: `${process.env['PATH']}:${bin}`, API_KEY: house.apiKey, CALL_ID: callId },
      });
      const answer = JSON.parse(stdout) as { id?: string; data?: { id: string }[]; code?: string };
      expect(answer.code, stdout).toBeUndefined();
      callId = answer.id ?? answer.data?.[0]?.id ?? '';
      expect(callId).toMatch(/^call_/);
    }
    expect(await house.until(callId, ['ended'], 20_000)).toMatchObject({ endedParty: 'operator' });
  });

  it(
    'calls somebody with the very commands of the command line, and with the very program, that stand there',
    { timeout: 120_000 },
    async () => {
      const env = {
        PATH: `${path.join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
        ONHOOK_URL: house.apiUrl,
        ONHOOK_API_KEY: house.apiKey,
      };
      const typed = commands.filter((command) => command.startsWith('npx onhook '));
      expect(typed).toHaveLength(3);
      const more = { AGENTS_DIR: path.join(root, 'agents'), REDIS_URL: house.redis.url };
      const said: string[] = [];
      for (const command of typed) {
        const { stdout } = await run(
          'sh',
          ['-c', command.replace('npx onhook', `${process.execPath} ${root}/apps/onhook/bin/onhook.mjs`)],
          {
            cwd: bin,
            env: { ...env, ...more },
          },
        );
        said.push(stdout);
      }
      expect(said[0]).toMatch(/agent-ended-call/);
      expect(said[1]).toMatch(/\+14155552671/);
      expect(said[2]).toMatch(/✓ Redis/);
      const [program] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]!);
      const file = path.join(root, '.onhook', `readme-${process.pid}.mjs`);
      writeFileSync(file, program!.replace('http://127.0.0.1:3000', house.apiUrl));
      try {
        const { stdout } = await run(process.execPath, [file], { env: { API_KEY: house.apiKey } });
        expect(stdout).toMatch(/^call_\w+\n$/);
      } finally {
        rmSync(file);
      }
    },
  );

  it('tells to run only what `.ci/run` runs on every change, and test/long/fresh-clone.test.ts in a fresh clone', () => {
    const ci = readFileSync(path.join(root, '.ci/run'), 'utf8').replaceAll('npm --no-json ', 'npm ');
    const named = [...commands, ...[...readme.matchAll(/`(npm [^`]+)`/g)].map((match) => match[1]!)];
    // What takes minutes is tried in its own tests.
    const byThemselves = ['npm run simulate', 'npm run prove'];
    const npm = [...new Set(named.filter((command) => command.startsWith('npm ') && !byThemselves.includes(command)))];
    expect(npm).toEqual(expect.arrayContaining(['npm start', 'npm test', 'npm start -- --once --json']));
    expect(npm.filter((command) => !ci.includes(command))).toEqual([]);
    expect(readFileSync(path.join(root, 'test/long/fresh-clone.test.ts'), 'utf8')).toContain("'npm', ['start', '--', '--once'");
  });

  it('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm (?:run )?(start|test|simulator|check|[a-z]+:[a-z:]+)/g)].map((match) => match[1]!);
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  it('shows a configuration for a real account that the launcher takes', () => {
    const block = blocks.find((one) => one.includes('CARRIER=twilio'))!;
    const real = parseEnv(block);
    expect(readLauncherConfig({ ...real, TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}` }).real).toMatchObject({
      PUBLIC_URL: 'https://calls.example.com',
    });
  });

  it('links only to what is there', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!).filter((link) => !link.startsWith('http'));
    expect(links.filter((link) => !existsSync(path.join(root, link)))).toEqual([]);
  });
});
