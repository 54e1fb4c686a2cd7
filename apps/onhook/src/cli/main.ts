import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { isFree } from '../../setup/free-port.mjs';
import { withDotEnv } from '../../setup/dot-env.mjs';
import type { Finding } from '../doctor/check.js';
import type { RedisLook } from '../doctor/redis.js';
import { createApi } from './api.js';
import { runCli } from './run-cli.js';
import { findTarget } from './target.js';
import { createTerminal } from './terminal.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(path.resolve(here, '../../package.json'), 'utf8')) as { version: string };

/** Loaded when it is wanted: no other command needs Redis, and each should start at once. */
async function openRedis(url: string): Promise<RedisLook> {
  const { checkRedis, connectRedis } = await import('@onhook/store/redis');
  const redis = await connectRedis(url, 'producer', { logger: silentLogger });
  return {
    facts: () => checkRedis(redis, { accepts: [] }),
    async time() {
      const [seconds = '0', micros = '0'] = (await redis.call('TIME')) as string[];
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    },
    async memory() {
      const info = (await redis.call('INFO', 'memory')) as string;
      const read = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
      return { used: read('used_memory'), limit: read('maxmemory') };
    },
    close: () => redis.disconnect(),
  };
}

async function examineAll(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const [{ examine }, { loadAgents }] = await Promise.all([import('../doctor/examine.js'), import('@onhook/voice-agent')]);
  return examine({
    env,
    nodeVersion: process.version,
    now: () => systemClock.now(),
    openRedis,
    loadAgents,
    isFree: (port) => isFree(port),
  });
}

/** The `onhook` command. */
export async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  // `… | head`: who reads no more ends the command, and no stack trace is printed for it.
  process.stdout.on('error', () => stop.abort());
  const dir = process.cwd();
  const env = withDotEnv(dir, process.env);
  const terminal = createTerminal(process, env);
  const timers = systemTimers;
  return runCli(
    args,
    {
      terminal,
      timers,
      clock: systemClock,
      chance: systemChance,
      env,
      signal: stop.signal,
      fetch,
      api: () => createApi(findTarget(env, dir), { fetch, sleep: (ms) => timers.sleep(ms) }),
      examine: () => examineAll(env),
    },
    version,
  );
}
