import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, systemChance, systemClock, systemTimers } from '@onhook/service';
import { freePort, isFree } from '../setup/free-port.mjs';
import type { RedisBinary } from '../setup/redis-binary.mjs';
import { startRedisServer } from '../setup/redis-server.mjs';
import { readLauncherConfig, type LauncherConfig } from './config.js';
import { keepCredentials } from './credentials.js';
import { runDemo } from './demo.js';
import type { DemoOptions, DemoOutcome, House } from './house.js';
import { lastLines, ProgramFailed } from './program.js';
import { planPrograms, type Ports } from './programs.js';
import { createSupervisor, type Supervisor } from './supervisor.js';
import { welcome } from './welcome.js';

const READY_WITHIN_MS = 60_000;
const DEMO_PATIENCE = 5;
const DEMO_WITHIN_MS = 120_000;
/** The demonstration may use this long to say how far it came, once it is told to stop. */
const DEMO_STOPS_WITHIN_MS = 2_000;
const PREFERRED_API_PORT = 3000;
const KEPT_RUNS = 4;

export interface StartInput {
  readonly root: string;
  readonly once: boolean;
  readonly json: boolean;
  /** With what `.env` adds to it. */
  readonly env: NodeJS.ProcessEnv;
  /** A server that somebody runs, or a program to run ourselves. */
  readonly redis: { readonly url: string } | { readonly binary: RedisBinary };
  readonly signals: { readonly stop: AbortSignal; readonly force: AbortSignal };
  /** Called once the address is known, for a second `npm start` to print. */
  readonly onAddress: (url: string) => void;
  readonly print: (line: string) => void;
  /** What the opened house is for, instead of the demonstration call: a benchmark. */
  readonly show?: { readonly withinMs: number; readonly run: (house: House, options: DemoOptions) => Promise<DemoOutcome> };
}

/** Everything from a free port to the last process that is gone. Resolves with the exit code. */
export async function start(input: StartInput): Promise<number> {
  const { root, once, signals, print } = input;
  const dir = path.join(root, '.onhook', ...(once ? ['once', String(process.pid)] : []));
  if (once) forgetOldRuns(path.dirname(dir));
  const supervisor = createSupervisor({
    timers: systemTimers,
    force: signals.force,
    readyWithinMs: READY_WITHIN_MS,
  });
  const stopped = new Promise<'stopped'>((resolve) => {
    if (signals.stop.aborted) resolve('stopped');
    signals.stop.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  /** Whatever comes first: the work's end, a process that died although nobody asked it to, or the user's stop. */
  const unlessStopped = <T>(work: Promise<T>): Promise<T | 'stopped'> => Promise.race([work, stopped, supervisor.died]);

  try {
    const house = await unlessStopped(openHouse(input, dir, supervisor));
    if (house === 'stopped') return 1;
    const demo = await unlessStopped(showDemo(house, input));
    if (demo === 'stopped') return once ? 1 : 0;
    if (input.json && demo) process.stdout.write(`${JSON.stringify(demo.report)}\n`);
    if (once) return demo?.passed ? 0 : 1;
    welcome(house).forEach(print);
    await unlessStopped(new Promise<never>(() => {}));
    return 0;
  } catch (error) {
    explain(error, print);
    return 1;
  } finally {
    if (!once) print('Stopping …');
    await supervisor.stopAll();
  }
}

async function openHouse(input: StartInput, dir: string, supervisor: Supervisor): Promise<House> {
  const { root, once, env, print } = input;
  const config = readLauncherConfig(env);
  // Nobody means to pay for a test, or to have a stranger called by one.
  if (once && config.real)
    throw new Error('This places its calls on the simulator, but CARRIER=twilio is set: say CARRIER=simulator.');
  const ports = await pickPorts(config, once, print);
  const credentials = keepCredentials(dir, systemChance);
  const redisUrl = await openRedis(input, dir, config, supervisor);
  // On somebody's Redis a `--once` must not take the jobs of what else runs there under our prefix.
  const redisPrefix =
    once && 'url' in input.redis ? `${config.ONHOOK_PREFIX.slice(0, 18)}-once-${process.pid}` : config.ONHOOK_PREFIX;
  const plan = planPrograms({
    root,
    dir,
    node: process.execPath,
    ports,
    config,
    credentials,
    redisUrl,
    redisPrefix,
    // Somebody's Redis may be as forgetful as it likes for a demonstration; our own is not, and real calls deserve to be asked.
    env: { ...('url' in input.redis && !config.real && { DURABILITY: 'weak' }), ...env },
    patience: DEMO_PATIENCE,
  });
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  input.onAddress(apiUrl);

  const simulators = plan.simulator ? await supervisor.start(plan.simulator) : [];
  const apps = await supervisor.start(...plan.apps);
  return {
    root,
    dir,
    apiUrl,
    apiKey: plan.apiKey,
    simulatorUrl: plan.simulator && `http://127.0.0.1:${ports.simulator}`,
    accountSid: config.real?.TWILIO_ACCOUNT_SID ?? credentials.accountSid,
    authToken: config.real?.TWILIO_AUTH_TOKEN ?? credentials.authToken,
    ports,
    redisUrl,
    redisPrefix,
    fromNumbers: plan.fromNumbers,
    recordingsDir: plan.recordingsDir,
    ledgerDir: plan.ledgerDir,
    logsDir: plan.logsDir,
    programs: [...simulators, ...apps].map(({ name, pid, logFile, facts }) => ({ name, pid, logFile, facts })),
    setupMs: Math.round(systemClock.monotonicMs()),
  };
}

async function openRedis({ redis }: StartInput, dir: string, config: LauncherConfig, supervisor: Supervisor): Promise<string> {
  if ('url' in redis) return redis.url;
  const logFile = path.join(dir, 'logs', 'redis.log');
  mkdirSync(path.dirname(logFile), { recursive: true });
  const server = await startRedisServer({
    binary: redis.binary,
    dir: path.join(dir, 'redis'),
    logFile,
    ...(config.REDIS_PORT !== undefined && { port: config.REDIS_PORT }),
  });
  supervisor.add({ name: 'redis', logFile, exited: server.exited, stop: () => server.stop() });
  return server.url;
}

async function pickPorts(config: LauncherConfig, once: boolean, print: (line: string) => void): Promise<Ports> {
  const taken = new Set<number>();
  const free = (fixed?: number): Promise<number> => (fixed === undefined ? freePort({ taken }) : Promise.resolve(fixed));
  let api = config.API_PORT;
  if (api === undefined && !once) {
    if (await isFree(PREFERRED_API_PORT)) api = PREFERRED_API_PORT;
    else print(`Port ${PREFERRED_API_PORT} is taken; the api takes another.`);
  }
  return {
    api: await free(api),
    gateway: await free(config.GATEWAY_PORT),
    simulator: await free(config.SIMULATOR_PORT),
    agent: await free(config.AGENT_PORT),
  };
}

/** With a real carrier nothing is dialled that nobody asked for. */
async function showDemo(house: House, { once, json, signals, print, show }: StartInput): Promise<DemoOutcome | undefined> {
  if (!house.simulatorUrl) {
    print('A real carrier is configured: no demonstration call is placed.');
    return undefined;
  }
  const { withinMs, run } = show ?? { withinMs: DEMO_WITHIN_MS, run: runDemo };
  const tooLate = new AbortController();
  const signal = AbortSignal.any([signals.stop, tooLate.signal]);
  const demo = run(house, { once, json, signal, print });
  const timer = systemTimers.after(withinMs, () => tooLate.abort(new Error('the demonstration took too long')));
  const overdue = systemTimers.sleep(withinMs + DEMO_STOPS_WITHIN_MS, signals.stop).then(() => {
    throw new Error(`The demonstration call did not come to its end within ${withinMs / 1000} s.`);
  });
  try {
    return await Promise.race([demo, overdue]);
  } catch (error) {
    if (once) throw error;
    explain(error, print); // what runs goes on running: the user may want to look into it
    return undefined;
  } finally {
    timer.cancel();
  }
}

/** Recordings and logs of a `--once` stay for whoever wants to look; those of the last few runs do. */
function forgetOldRuns(folder: string): void {
  if (!existsSync(folder)) return;
  const runs = readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter((run) => !existsSync(path.join('/proc', path.basename(run))))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const run of runs.slice(KEPT_RUNS)) rmSync(run, { recursive: true, force: true });
}

function explain(error: unknown, print: (line: string) => void): void {
  if (error instanceof ConfigError) print(error.message);
  else if (error instanceof ProgramFailed) {
    print(`${error.message}. Its last lines (${error.logFile}):`);
    lastLines(error.logFile).forEach((line) => print(`  ${line}`));
  } else print(error instanceof Error ? error.message : String(error));
}
