// Finds a program on this machine that can serve as Redis, without installing anything.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const OLDEST = [6, 2];

/**
 * How a Redis is started. Debian's `redis-tools` has no `redis-server`, but its `redis-check-rdb` is the same program
 * and serves when it is called by that name.
 *
 * @typedef {{ file: string, argv0: string, env: Record<string, string>, version: string }} RedisBinary
 */

const NAMES = ['redis-server', 'valkey-server', 'redis-check-rdb', 'valkey-check-rdb'];

/** The first program that can serve: `ONHOOK_REDIS_BIN`, then PATH, then what the launcher unpacked into `.onhook/`. */
export function findRedisBinary({ root, env = process.env }) {
  if (env.ONHOOK_REDIS_BIN) return describe(env.ONHOOK_REDIS_BIN);
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  folders.push(path.join(privateFolder(root), 'usr/bin'));
  for (const name of NAMES) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      if (!isProgram(file)) continue;
      const binary = describe(file);
      if (binary) return binary;
    }
  }
  return undefined;
}

/** Where `apt-get download` + `dpkg -x` put Redis for a user who may not install packages. */
export function privateFolder(root) {
  return path.join(root, '.onhook', 'redis-tools');
}

export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // absent, or not ours to run: both mean "look further"
  }
}

/** @returns {RedisBinary | undefined} nothing if it does not run, or is too old */
function describe(file) {
  const argv0 = path.basename(file).replace('check-rdb', 'server');
  const env = libraryPath(file);
  const { status, stdout } = spawnSync(file, ['--version'], {
    argv0,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 10_000,
  });
  const version = status === 0 ? /\bv=(\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined;
  return version && isNewEnough(version) ? { file, argv0, env, version } : undefined;
}

/** Redis 6.2 is the oldest with all commands that the scripts use. */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** A privately unpacked program needs its privately unpacked libraries. */
function libraryPath(file) {
  const prefix = path.resolve(path.dirname(file), '..', '..');
  if (path.basename(prefix) !== 'redis-tools') return {};
  return { LD_LIBRARY_PATH: libraryFolders(prefix).join(':') };
}

export function libraryFolders(prefix) {
  return ['usr/lib', 'lib'].flatMap((folder) => {
    const full = path.join(prefix, folder);
    if (!existsSync(full)) return [];
    const inner = readdirSync(full, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [full, ...inner.map((entry) => path.join(full, entry.name))];
  });
}
