import path from 'node:path';
import { systemChance, systemTimers } from '@onhook/service';
import { freePort } from '../../setup/free-port.mjs';
import type { RedisBinary } from '../../setup/redis-binary.mjs';
import { startRedisServer } from '../../setup/redis-server.mjs';
import { readLauncherConfig } from '../config.js';
import { keepCredentials } from '../credentials.js';
import type { Program } from '../program.js';
import { planPrograms } from '../programs.js';
import { createSupervisor } from '../supervisor.js';

export type VictimKind = 'api' | 'gateway' | 'dialer' | 'hangup';

/** What a deployment that shall survive the loss of any one process consists of, on one machine. */
export interface FaultHouse {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly simulatorUrl: string;
  readonly redisUrl: string;
  readonly dataKey: string;
  /** Living processes of a kind, the oldest first. */
  programs(kind: VictimKind): readonly Program[];
  /** One more in the place of one that is gone. */
  replace(gone: Program): Promise<void>;
  killRedis(): Promise<void>;
  startRedis(): Promise<void>;
  close(): Promise<void>;
}

/** Two of each kind that may hold a call in its hands. */
const COUNTS: Readonly<Record<VictimKind, number>> = { api: 1, gateway: 2, dialer: 1, hangup: 2 };

export async function openFaultHouse(input: {
  readonly root: string;
  readonly dir: string;
  readonly binary: RedisBinary;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Others than two gateways, two hangup workers, and one of each other kind. */
  readonly counts?: Partial<Record<VictimKind, number>>;
}): Promise<FaultHouse> {
  const { root, dir, binary, signal } = input;
  const taken = new Set<number>();
  const port = (): Promise<number> => freePort({ taken });
  const ports = { api: await port(), gateway: await port(), simulator: await port(), agent: await port() };
  const redisDir = path.join(dir, 'redis');
  let redis = await startRedisServer({ binary, dir: redisDir, logFile: path.join(dir, 'redis.log') });
  const credentials = keepCredentials(dir, systemChance);
  const plan = planPrograms({
    root,
    dir,
    node: process.execPath,
    ports,
    config: readLauncherConfig({ LOG_LEVEL: 'info' }),
    credentials,
    redisUrl: redis.url,
    redisPrefix: 'onhook',
    env: input.env,
    patience: 1,
  });
  const supervisor = createSupervisor({ timers: systemTimers, force: signal, readyWithinMs: 60_000, stopWithinMs: 8_000 });
  const close = async (): Promise<void> => {
    await supervisor.stopAll();
    await redis.stop();
  };
  const living: { kind: VictimKind; program: Program }[] = [];
  let others = 0;

  async function startOne(kind: VictimKind): Promise<void> {
    const spec = plan.apps.find(({ name }) => name === kind)!;
    const gateway = kind === 'gateway' ? await port() : 0;
    const own = gateway > 0 && { PORT: String(gateway), MEDIA_PUBLIC_URL: `ws://127.0.0.1:${gateway}/carrier/twilio/media` };
    const logFile = spec.logFile.replace(/\.log$/, `-${++others}.log`);
    const [program] = await supervisor.start({ ...spec, logFile, env: { ...spec.env, ...own } });
    living.push({ kind, program: program! });
  }

  try {
    if (plan.simulator) await supervisor.start(plan.simulator);
    for (const kind of Object.keys(COUNTS) as VictimKind[])
      await Promise.all(Array.from({ length: input.counts?.[kind] ?? COUNTS[kind] }, () => startOne(kind)));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    apiUrl: `http://127.0.0.1:${ports.api}`,
    apiKey: plan.apiKey,
    simulatorUrl: `http://127.0.0.1:${ports.simulator}`,
    redisUrl: redis.url,
    dataKey: credentials.dataKey ?? '',
    programs: (kind) => living.flatMap((one) => (one.kind === kind ? [one.program] : [])),
    async replace(gone) {
      const at = living.findIndex(({ program }) => program === gone);
      const [{ kind } = { kind: 'gateway' as const }] = living.splice(at, 1);
      await startOne(kind);
    },
    async killRedis() {
      process.kill(redis.pid, 'SIGKILL');
      await redis.exited;
    },
    async startRedis() {
      redis = await startRedisServer({ binary, dir: redisDir, port: redis.port, logFile: path.join(dir, 'redis.log') });
    },
    close,
  };
}
