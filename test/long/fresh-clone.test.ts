import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);

let home: string;
let clone: string;
/** What a stranger gets: every file that git would carry, and nothing that a command of ours has made. */
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'onhook-clone-')));
  chmodSync(home, 0o755);
  clone = path.join(home, 'onhook');
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  });
  for (const file of files.split('\0')) {
    if (!file || !existsSync(path.join(REPOSITORY, file))) continue;
    mkdirSync(path.dirname(path.join(clone, file)), { recursive: true });
    cpSync(path.join(REPOSITORY, file), path.join(clone, file));
  }
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a fresh clone', () => {
  it('places its first call by one command, prints one JSON object, and leaves no process', async () => {
    const { stdout } = await run('npm', ['start', '--', '--once', '--json'], {
      cwd: clone,
      env: { PATH: process.env['PATH'], HOME: home },
    });
    expect(JSON.parse(stdout)).toMatchObject({ disposition: 'completed', goodbyeCutMs: 0, openSockets: 0 });
    expect(processesIn(clone)).toEqual([]);
  });

  it('does so for a user without rights, on a machine without Redis', async () => {
    mkdirSync(path.join(home, 'bin'));
    for (const folder of (process.env['PATH'] ?? '').split(':').filter((entry) => existsSync(entry))) {
      for (const name of readdirSync(folder)) {
        if (/redis|valkey|^sudo$/.test(name) || existsSync(path.join(home, 'bin', name))) continue;
        symlinkSync(path.join(folder, name), path.join(home, 'bin', name));
      }
    }
    if (isRoot) for (const file of [home, ...walk(clone)]) chownSync(file, NOBODY, NOBODY);
    const start = ['npm', 'start', '--', '--once', '--json'];
    const command = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...start] : ['env', ...start];
    const { stdout } = await run(command[0] ?? 'env', command.slice(1), {
      cwd: clone,
      env: { PATH: path.join(home, 'bin'), HOME: home },
    });
    expect(JSON.parse(stdout)).toMatchObject({ disposition: 'completed', goodbyeCutMs: 0, openSockets: 0 });
    expect(existsSync(path.join(clone, '.onhook/redis-tools'))).toBe(true);
    expect(processesIn(clone)).toEqual([]);
  });
});

function walk(folder: string): string[] {
  return [folder, ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name))];
}

function processesIn(folder: string): string[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      return readlinkSync(`/proc/${entry}/cwd`).startsWith(folder)
        ? [readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ')]
        : [];
    } catch {
      return []; // it ended while we looked
    }
  });
}
