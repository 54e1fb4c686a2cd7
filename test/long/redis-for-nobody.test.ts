import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
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

const SCRIPT = `
import { findRedis } from './apps/onhook/setup/find-redis.mjs';
import { startRedisServer } from './apps/onhook/setup/redis-server.mjs';
import { askRedis } from './apps/onhook/setup/resp.mjs';
const { binary } = await findRedis({ root: process.cwd(), say: (line) => console.error(line), mayCompose: false });
const server = await startRedisServer({ binary, dir: process.cwd() + '/data' });
const answer = await askRedis({ host: '127.0.0.1', port: server.port }, [['PING']]);
await server.stop();
console.log(JSON.stringify({ file: binary.file, version: binary.version, answer, uid: process.getuid() }));
`;

let root: string;
/** Everything on PATH but Redis, for a user who may install nothing. */
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'onhook-nobody-')));
  chmodSync(root, 0o755);
  mkdirSync(path.join(root, 'bin'));
  for (const folder of (process.env['PATH'] ?? '').split(':').filter((entry) => path.isAbsolute(entry))) {
    for (const name of readable(folder)) {
      if (/redis|valkey|^sudo$/.test(name)) continue;
      try {
        symlinkSync(path.join(folder, name), path.join(root, 'bin', name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // the first on PATH wins
      }
    }
  }
  cpSync(path.join(REPOSITORY, 'apps/onhook/setup'), path.join(root, 'apps/onhook/setup'), { recursive: true });
  writeFileSync(path.join(root, 'find.mjs'), SCRIPT);
  if (isRoot) chownSync(root, NOBODY, NOBODY);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a user without rights, on a machine without Redis', () => {
  it('gets one from the distribution’s packages, in a folder of its own, and it serves', async () => {
    const env = { PATH: path.join(root, 'bin'), HOME: root };
    const command = isRoot
      ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
      : ['env', process.execPath];
    const { stdout } = await run(command[0] ?? 'env', [...command.slice(1), 'find.mjs'], { cwd: root, env, timeout: 300_000 });
    const found: unknown = JSON.parse(stdout);
    expect(found).toMatchObject({ answer: 'PONG', file: path.join(root, '.onhook/redis-tools/usr/bin/redis-check-rdb') });
    if (isRoot) expect(found).toMatchObject({ uid: NOBODY });
  });
});

function readable(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // a folder on PATH that is not there
  }
}
