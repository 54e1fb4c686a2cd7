import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { keepCredentials, planPrograms, readLauncherConfig, startProgram, type Program, type ProgramSpec } from '@onhook/onhook';
import { systemChance, systemTimers } from '@onhook/service';
import { freePort } from '../../../apps/onhook/setup/free-port.mjs';
import { startRedis, type TestRedis } from '../../redis.js';
import { startTcpProxy, type TcpProxy } from '../../tcp-proxy.js';
import type { ProcessLine } from '../evidence.js';
import { startPost, type Post } from './fleet.js';
import { openFront, type Front } from './front.js';

/** Two api, two dialers, three gateways, two hangup workers, a Redis, and the simulator, which nobody touches. */
export interface ProveHouse {
  readonly posts: readonly Post[];
  readonly redis: TestRedis;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly authToken: string;
  readonly dataKey: string;
  readonly accountSid: string;
  readonly simulatorUrl: string;
  readonly mediaUrls: readonly string[];
  readonly prefix: string;
  /** Ends our processes in order. The simulator and Redis stay: they are witnesses. */
  stopPosts(): Promise<void>;
  close(): Promise<void>;
}

export interface Limits {
  readonly callsPerSecond: number;
  readonly maxConcurrent: number;
}

const HOW_MANY = { api: 2, dialer: 2, gateway: 3, hangup: 2 } as const;
const root = path.resolve(import.meta.dirname, '../../..');

/** @param dir the run's folder: `ledger.ndjson` and `logs/` grow there */
export async function openProveHouse(
  dir: string,
  { seed, limits, tell, env = {} }: { seed: number; limits: Limits; tell: (line: ProcessLine) => void; env?: NodeJS.ProcessEnv },
): Promise<ProveHouse> {
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    mkdirSync(path.join(dir, 'logs'), { recursive: true });
    const credentials = keepCredentials(path.join(dir, 'state'), systemChance);
    const redis = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
    closers.push(() => redis.stop());
    const taken = new Set<number>();
    const ports = {
      api: await Promise.all(Array.from({ length: HOW_MANY.api }, () => freePort({ taken }))),
      gateway: await Promise.all(Array.from({ length: HOW_MANY.gateway }, () => freePort({ taken }))),
      simulator: await freePort({ taken }),
      agent: await freePort({ taken }),
    };
    const front: Front = await openFront(ports.api);
    closers.push(() => front.close());
    const plan = planPrograms({
      root,
      dir,
      node: process.execPath,
      ports: { api: front.port, gateway: ports.gateway[0]!, simulator: ports.simulator, agent: ports.agent },
      config: readLauncherConfig({ LOG_LEVEL: 'info', AGENTS_DIR: path.join(import.meta.dirname, '../agents') }),
      credentials,
      redisUrl: redis.url,
      redisPrefix: 'onhook',
      env: {
        PATH: process.env['PATH'],
        CALLS_PER_SECOND: String(limits.callsPerSecond),
        MAX_CONCURRENT_CALLS: String(limits.maxConcurrent),
        SILENCE_PROMPT_AFTER_MS: '5000',
        SILENCE_ENDS_AFTER_MS: '11000',
        RECONCILE_EVERY_MS: '5000',
        SEED: String(seed),
        ...env,
      },
      patience: 1,
    });
    const simulatorSpec = plan.simulator!;
    const simulator: Program = await startProgram(
      { ...simulatorSpec, env: { ...simulatorSpec.env, LEDGER_DIR: dir } },
      { timers: systemTimers, readyWithinMs: 120_000, signal: new AbortController().signal },
    );
    closers.push(() => simulator.stop());

    const posts: Post[] = [];
    closers.push(() => Promise.all(posts.filter(({ isUp }) => isUp).map((post) => post.stop())));
    const start = async (kind: Post['kind'], i: number): Promise<void> => {
      const spec = plan.apps.find(({ name }) => name === kind) as ProgramSpec<Post['kind']>;
      const line: TcpProxy = await startTcpProxy(redis.port);
      closers.push(() => line.close());
      const own = {
        REDIS_URL: `redis://127.0.0.1:${line.port}`,
        ...(kind === 'api' && { PORT: String(ports.api[i]) }),
        ...(kind === 'gateway' && {
          PORT: String(ports.gateway[i]),
          MEDIA_PUBLIC_URL: `ws://127.0.0.1:${ports.gateway[i]}/carrier/twilio/media`,
        }),
      };
      const who = `${kind}-${i + 1}`;
      const logFile = path.join(dir, 'logs', `${who}.log`);
      posts.push(await startPost(who, { ...spec, logFile, env: { ...spec.env, ...own } }, line, tell));
    };
    await Promise.all(
      (['api', 'gateway', 'dialer', 'hangup'] as const).flatMap((kind) =>
        Array.from({ length: HOW_MANY[kind] }, (_, i) => start(kind, i)),
      ),
    );

    return {
      posts,
      redis,
      apiUrl: `http://127.0.0.1:${front.port}`,
      apiKey: plan.apiKey,
      authToken: credentials.authToken,
      dataKey: credentials.dataKey!,
      accountSid: credentials.accountSid,
      simulatorUrl: `http://127.0.0.1:${ports.simulator}`,
      mediaUrls: ports.gateway.map((port) => `ws://127.0.0.1:${port}/carrier/twilio/media`),
      prefix: 'onhook',
      async stopPosts() {
        // As a deployment does: first those that begin calls, last those that end them.
        for (const kind of ['dialer', 'api', 'gateway', 'hangup'] as const)
          await Promise.all(posts.filter((post) => post.kind === kind).map((post) => post.stop()));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
