import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisBinary } from '../apps/onhook/setup/redis-binary.mjs';
import { startRedisServer } from '../apps/onhook/setup/redis-server.mjs';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Of Redis itself; changes with `restart`. */
  readonly pid: number;
  readonly dir: string;
  /** SIGKILL: what a power cut does to the process. The data folder stays for `restart`. */
  kill(): Promise<void>;
  /** Same port, same data. Ends the running process first if there is one. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends Redis and removes its data folder. */
  stop(): Promise<void>;
}

interface RedisSetup {
  /** One node that owns all slots, or a node that the test makes a cluster of. */
  readonly cluster?: boolean | 'member';
  /** `host port` of the primary that this sentinel watches under the name `onhook`. */
  readonly sentinelOf?: string;
  readonly appendfsync?: string;
  readonly dir?: string;
  /** More of Redis's own arguments. */
  readonly args?: string[];
}

/**
 * A real Redis for one test file: loopback, a free port ≤ 32 000, its own folder. It ends with the process that started it,
 * however that ends.
 */
export async function startRedis(options: RedisSetup = {}): Promise<TestRedis> {
  const binary = findRedisBinary({ root: fileURLToPath(new URL('..', import.meta.url)) });
  if (!binary) throw new Error('No Redis was found. `npm test` sets one up.');
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), 'onhook-redis-'));
  const { dir: _, ...setup } = options;
  const start = (port?: number): ReturnType<typeof startRedisServer> =>
    startRedisServer({
      binary,
      dir,
      removeWhenOrphaned: options.dir === undefined,
      ...(port !== undefined && { port }),
      ...setup,
    });
  let server = await start();
  let isUp = true;

  const kill = async (): Promise<void> => {
    if (!isUp) return;
    isUp = false;
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
  };

  return {
    url: server.url,
    port: server.port,
    get pid() {
      return server.pid;
    },
    dir,
    kill,
    async restart() {
      if (isUp) await server.stop();
      server = await start(server.port);
      isUp = true;
    },
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void (isUp && process.kill(server.pid, 'SIGCONT')),
    async stop() {
      if (isUp) await server.stop();
      isUp = false;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
