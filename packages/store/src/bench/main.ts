import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { silentLogger, systemChance, systemClock, systemTimers } from '@onhook/service';
import { connectRedis, createRedisAdmission, createRedisAdmissionControl } from '../adapters/redis/index.js';
import { newAccount } from '../conformance/sample-call.js';
import { FROM_NUMBERS, RACES, runRace } from './race.js';
import { measureSpeed } from './speed.js';

/**
 * Whether admission ever grants more than there is, under 50 connections that ask at once, and how fast it decides. REDIS_URL names a
 * Redis of its own; REDIS_PID lets it be kept on one core.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, races: { type: 'string', default: '100000' } },
});
const races = Number(values.races);
const url = process.env['REDIS_URL'];
if (!url || !Number.isInteger(races) || races < 1_000) {
  process.stderr.write('npm run bench:admission takes --races N (1000 or more) and --json.\n');
  process.exit(1);
}
const CONNECTIONS = 50;

const prefix = 'bench';
const clients = await Promise.all(
  Array.from({ length: CONNECTIONS }, () => connectRedis(url, 'producer', { logger: silentLogger })),
);
const connections = clients.map((redis) => createRedisAdmission({ redis, prefix, fromNumbers: FROM_NUMBERS, limits: {} }));
const control = createRedisAdmissionControl({ redis: clients[0]!, prefix });

const above: Record<string, number> = {};
let asks = 0;
let grants = 0;
const racedAt = systemClock.monotonicMs();
for (const { share, ...race } of RACES) {
  say(`racing for ${race.name}`);
  const account = newAccount();
  const deps = {
    race,
    connections,
    control,
    account,
    asks: Math.round(races * share),
    chance: systemChance,
    timers: systemTimers,
  };
  const result = await runRace(deps);
  asks += result.asks;
  grants += result.grants;
  for (const [what, times] of Object.entries(result.above)) above[`${race.name}: ${what}`] = times;
}
const raceSeconds = (systemClock.monotonicMs() - racedAt) / 1_000;

say('measuring how fast it decides');
const redisOnOneCore = pin(process.env['REDIS_PID'], 0);
const slices = await measureSpeed({
  connections,
  control,
  account: newAccount(),
  clock: systemClock,
  redisCpuMs,
  slices: 9,
  decisionsPerSlice: 2_500,
});
for (const redis of clients) redis.disconnect();

const report = {
  races: asks,
  connections: CONNECTIONS,
  grants,
  grantsAboveLimit: Object.values(above).reduce((sum, times) => sum + times, 0),
  above,
  racesPerSecond: Math.round(asks / raceSeconds),
  /** All slices; the best is the one in which others took least of the machine. */
  decisionsPerSecond: spread(slices.map((slice) => slice.perSecond)),
  decisionsPerCoreSecond: spread(slices.map((slice) => slice.perCoreSecond)),
  decisionsPerCoreSecondWithRelease: spread(slices.map((slice) => slice.perCoreSecondWithRelease)),
  redisOnOneCore,
};
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else for (const [name, value] of Object.entries(report)) process.stdout.write(`${name.padEnd(30)} ${JSON.stringify(value)}\n`);
process.exitCode = report.grantsAboveLimit === 0 ? 0 : 1;

function spread(values: readonly number[]): { median: number; best: number } {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, best: sorted.at(-1) ?? 0 };
}

async function redisCpuMs(): Promise<number> {
  const info = String(await clients[0]!.info('cpu'));
  const seconds = (field: string): number => Number(new RegExp(`${field}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1_000;
}

/** Keeps a process on one core, where the system has taskset; false where not. */
function pin(pid: string | undefined, core: number): boolean {
  if (!pid || cpus().length < 2) return false;
  try {
    execFileSync('taskset', ['-a', '-p', '-c', String(core), pid], { stdio: 'ignore' });
    return true;
  } catch (error) {
    say(`not kept on one core: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    return false;
  }
}

/** On stderr: stdout is for the result alone. */
function say(what: string): void {
  process.stderr.write(`${what}\n`);
}
