import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = path.resolve(HERE, '../../../..');
export const API_KEY = 'sk_bench_0123456789abcdef';
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const children = new Set<ChildProcess>();
/** Whatever happens here, nobody is left behind. */
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

export interface Served {
  readonly port: number;
  readonly pid: number;
  stop(): void;
}

export interface BenchEnv {
  readonly redisUrl: string;
  /** Of the processes; they inherit nothing. */
  readonly PATH: string;
}

/** The real process. `sealed`: numbers and words are encrypted, as in production. */
export async function startApi({ redisUrl, PATH }: BenchEnv, prefix: string, { sealed }: { sealed: boolean }): Promise<Served> {
  const child = spawn(process.execPath, [path.join(HERE, '../main.js')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH,
      ...(sealed && { DATA_KEY: Buffer.alloc(32, 7).toString('base64') }),
      REDIS_URL: redisUrl,
      ONHOOK_PREFIX: prefix,
      PORT: '0',
      API_KEYS: API_KEY,
      REQUESTS_PER_MINUTE: '0',
      PUBLIC_URL: 'http://127.0.0.1:3000',
      FROM_NUMBERS: '+15005550006',
      AGENTS_DIR: path.join(ROOT, 'agents'),
      RECORDINGS_DIR: path.join(ROOT, '.onhook', 'recordings'),
      TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
      TWILIO_AUTH_TOKEN: 'none',
      // Sealed, as in production.
      DATA_KEY: '5a'.repeat(32),
      CARRIER: 'simulator',
      DURABILITY: 'strong',
      LOG_LEVEL: 'info',
    },
  });
  children.add(child);
  let said = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
      const url = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(said);
      if (url) resolve(Number(url[1]));
    });
    child.once('exit', (code) => reject(new Error(`the api ended with ${code}: ${said}`)));
  });
  keepOn(SERVER_CORE, child);
  return { port, pid: child.pid ?? 0, stop: () => child.kill('SIGTERM') };
}

export async function startControl({ redisUrl, PATH }: BenchEnv, prefix: string): Promise<Served> {
  const child = fork(path.join(HERE, 'control.js'), [redisUrl, prefix], { env: { PATH } });
  children.add(child);
  const [port] = (await once(child, 'message')) as [number];
  keepOn(SERVER_CORE, child);
  return { port, pid: child.pid ?? 0, stop: () => child.disconnect() };
}

export interface Load {
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): void;
}

export function startLoad({ PATH }: Pick<BenchEnv, 'PATH'>): Load {
  const child = fork(path.join(HERE, 'load.js'), [], { env: { PATH } });
  children.add(child);
  keepOn(LOAD_CORE, child);
  return {
    async run(order) {
      child.send(order);
      const [report] = (await once(child, 'message')) as [LoadReport];
      return report;
    },
    stop: () => child.disconnect(),
  };
}

/** Where the system has taskset and more than one core. */
function keepOn(core: number, child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || cpus().length < 2) return;
  spawn('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' }).once('error', () => {
    process.stderr.write('there is no taskset: the processes share all cores\n');
  });
}
