import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRedis } from '../../apps/onhook/setup/find-redis.mjs';
import { installRedis } from '../../apps/onhook/setup/install-redis.mjs';
import { findRedisBinary } from '../../apps/onhook/setup/redis-binary.mjs';
import { askRedis } from '../../apps/onhook/setup/resp.mjs';
import { startRedis } from '../redis.js';

let root: string;
let bin: string;
let env: NodeJS.ProcessEnv;
const said: string[] = [];
const say = (line: string): void => void said.push(line);

/** A machine whose PATH holds only what a test puts there, and the few programs that scripts are made of. */
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'onhook-machine-'));
  bin = path.join(root, 'bin');
  mkdirSync(bin);
  for (const tool of ['sh', 'env', 'cat', 'cp', 'mkdir', 'chmod']) {
    const file = ['/usr/bin', '/bin'].map((folder) => path.join(folder, tool)).find((candidate) => existsSync(candidate));
    if (file) symlinkSync(file, path.join(bin, tool));
  }
  env = { PATH: bin, LOG: path.join(root, 'log'), BIN: bin };
  said.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function program(name: string, script: string): string {
  const file = path.join(bin, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}
const redis = (name: string, version: string): string => program(name, `echo "Redis server v=${version} sha=0"`);
/** What the package manager of a test leaves behind when it has installed Redis. */
const INSTALLS =
  'echo "#!/bin/sh" > $BIN/redis-check-rdb; echo "echo Redis server v=7.0.15" >> $BIN/redis-check-rdb; chmod 755 $BIN/redis-check-rdb';
const log = (): string => (existsSync(path.join(root, 'log')) ? readFileSync(path.join(root, 'log'), 'utf8') : '');

describe('the Redis of this machine', () => {
  it('is redis-server before valkey-server before redis-check-rdb under the name of a server', () => {
    redis('redis-check-rdb', '7.0.15');
    expect(findRedisBinary({ root, env })).toMatchObject({ file: path.join(bin, 'redis-check-rdb'), argv0: 'redis-server' });
    redis('valkey-server', '8.1.0');
    expect(findRedisBinary({ root, env })).toMatchObject({ file: path.join(bin, 'valkey-server'), argv0: 'valkey-server' });
    redis('redis-server', '6.2.0');
    expect(findRedisBinary({ root, env })).toMatchObject({ file: path.join(bin, 'redis-server'), version: '6.2.0' });
  });

  it('is passed over when it is older than 6.2 or does not run', () => {
    redis('redis-server', '6.0.16');
    program('valkey-server', 'exit 1');
    expect(findRedisBinary({ root, env })).toBeUndefined();
    redis('redis-check-rdb', '7.0.15');
    expect(findRedisBinary({ root, env })?.file).toBe(path.join(bin, 'redis-check-rdb'));
  });
});

describe('a machine without Redis', () => {
  it('as root gets redis-tools, without recommendations, never redis-server', async () => {
    program('apt-get', `echo "apt-get $*" >> $LOG; case "$*" in install*) ${INSTALLS};; esac`);
    expect((await installRedis({ root, say, env, isRoot: true }))?.version).toBe('7.0.15');
    expect(log()).toMatch(/^apt-get install .*--no-install-recommends redis-tools$/m);
    expect(log()).not.toContain('redis-server');
  });

  it('updates the package lists only when the installation fails without', async () => {
    program(
      'apt-get',
      `echo "apt-get $1" >> $LOG; case "$1" in update) echo x > $BIN/fresh;; install) [ -e $BIN/fresh ] || exit 100; ${INSTALLS};; esac`,
    );
    expect(await installRedis({ root, say, env, isRoot: true })).toBeDefined();
    expect(log()).toBe('apt-get install\napt-get update\napt-get install\n');
  });

  it('uses sudo when it asks for no password', async () => {
    program('sudo', 'echo "sudo $*" >> $LOG; shift; [ "$1" = true ] || "$@"');
    program('true', '');
    program('apt-get', `case "$*" in install*) ${INSTALLS};; esac`);
    expect(await installRedis({ root, say, env, isRoot: false })).toBeDefined();
    expect(log()).toMatch(/^sudo -n env DEBIAN_FRONTEND=noninteractive .*apt-get install/m);
  });

  it('without any right unpacks the packages into a folder of its own, with apt’s files there too', async () => {
    program('sudo', 'exit 1');
    program(
      'apt-get',
      `echo "apt-get $*" >> $LOG
case "$*" in
*" -s install "*) echo "Inst liblzf1 (3.6-3 Debian:12 [amd64])"; echo "Inst redis-tools (5:7.0.15 Debian:12 [amd64])";;
*" download "*) echo x > redis-tools_7.deb; echo x > liblzf1_3.deb;;
esac`,
    );
    program('dpkg', 'echo "dpkg $1 $2" >> $LOG; mkdir -p $3/usr/bin; cp $BIN/server $3/usr/bin/redis-check-rdb');
    redis('server', '7.0.15');
    const found = await installRedis({ root, say, env, isRoot: false });
    expect(found?.file).toBe(path.join(root, '.onhook/redis-tools/usr/bin/redis-check-rdb'));
    expect(log()).toContain(`Dir::State::Lists=${root}/.onhook/apt/lists`);
    expect(log()).toMatch(/apt-get .* download redis-tools liblzf1$/m);
    expect(log()).not.toMatch(/apt-get .*[^s] install /);
    expect(log()).toMatch(/^dpkg -x .*redis-tools_7\.deb$/m);
  });

  it('takes brew where there is no apt', async () => {
    program('brew', `echo "brew $*" >> $LOG; ${INSTALLS}`);
    expect(await installRedis({ root, say, env, isRoot: false })).toBeDefined();
    expect(log()).toBe('brew install redis\n');
  });

  it('takes the Redis of the compose file when there is Docker and nothing else', async () => {
    program('docker', 'echo "docker $* port=$REDIS_PORT" >> $LOG');
    const found = await findRedis({ root, say, env });
    expect(found).toMatchObject({ url: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+$/) });
    expect(log()).toMatch(
      /docker compose --project-name onhook-[0-9a-f]{8} --env-file \S+\/deploy\/simulator.env up --detach --wait redis port=\d+/,
    );
    if ('url' in found) await found.stop?.();
    expect(log()).toMatch(/docker compose --project-name onhook-[0-9a-f]{8} --env-file \S+ stop --timeout 3 redis/);
  });

  it('leaves no container and no volume of a `--once`', async () => {
    program('docker', 'echo "docker $*" >> $LOG');
    const found = await findRedis({ root, say, env, once: true });
    if ('url' in found) await found.stop?.();
    expect(log()).toMatch(new RegExp(`--project-name onhook-once-${process.pid} .* down --volumes`));
  });

  it('ends a container that did not become healthy', async () => {
    program('docker', 'echo "docker $*" >> $LOG; case "$*" in *" up "*) exit 1;; esac');
    await expect(findRedis({ root, say, env })).rejects.toThrow('No Redis was found');
    expect(log()).toContain(' stop --timeout 3 redis');
  });

  it('is told in one line what to type when nothing helps', async () => {
    await expect(findRedis({ root, say, env })).rejects.toThrow(/^No Redis was found.*apt-get install redis-tools.*REDIS_URL\.$/);
  });
});

describe('somebody’s Redis (REDIS_URL)', () => {
  it('is taken as it is, and refused when it would drop keys for want of memory', async () => {
    const server = await startRedis();
    try {
      const given = { ...env, REDIS_URL: server.url };
      expect(await findRedis({ root, say, env: given })).toEqual({ url: server.url });
      await askRedis({ host: '127.0.0.1', port: server.port }, [['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru']]);
      await expect(findRedis({ root, say, env: given })).rejects.toThrow('noeviction');
    } finally {
      await server.stop();
    }
  });

  it('is refused when nothing answers there, or no Redis does', async () => {
    await expect(findRedis({ root, say, env: { ...env, REDIS_URL: 'redis://127.0.0.1:1' } })).rejects.toThrow('does not serve');
    await expect(findRedis({ root, say, env: { ...env, REDIS_URL: 'http://127.0.0.1:1' } })).rejects.toThrow('redis://');
  });

  it('never has its password shown', async () => {
    const refused = findRedis({ root, say, env: { ...env, REDIS_URL: 'redis://user:hunter2@127.0.0.1:1' } });
    await expect(refused).rejects.toThrow(expect.not.stringContaining('hunter2'));
  });
});
