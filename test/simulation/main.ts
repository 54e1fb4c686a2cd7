import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { unreached } from './coverage.js';
import { narrator } from './narrator.js';
import { readOptions, USAGE, type Options } from './options.js';
import { reportOf, type SeedReport } from './report.js';
import { runSeed } from './run-seed.js';

/** Below so many seeds nobody expects everything to have happened. */
const ALL_IS_REACHED_FROM = 500;

const isWorker = process.argv.includes('--worker');
const options = readOptions(isWorker ? [] : process.argv.slice(2));
if (isWorker) work();
else if (!options) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 1;
} else if (options.trace) await tell(options.from);
else process.exitCode = await runAll(options);

/** A worker: one seed after another, as it is asked. */
function work(): void {
  process.on('message', (seed: number) => {
    void runSeed(seed).then((run) => process.send!(reportOf(run)));
  });
}

/** One seed, told line by line. */
async function tell(seed: number): Promise<void> {
  const run = await runSeed(seed, { loggerOf: narrator((line) => process.stdout.write(`${line}\n`)) });
  const at = (ms: number): string => ((ms - run.world.beganAt) / 1_000).toFixed(3);
  for (const { at: from, until, kind, process: name, callId, sid } of run.world.weather.hits)
    process.stdout.write(`${at(from)}–${at(until)} fault ${kind} ${name ?? ''} ${callId ?? ''} ${sid ?? ''}\n`);
  for (const violation of reportOf(run).violations) process.stdout.write(`violation ${JSON.stringify(violation)}\n`);
}

async function runAll({ from, seeds, json, jobs = Math.min(availableParallelism(), seeds) }: Options): Promise<number> {
  const startedAt = performance.now();
  const reports = new Map<number, SeedReport>();
  let next = from;
  const worker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(import.meta.url), ['--worker']);
      const give = (): void => void (next < from + seeds ? child.send(next++) : child.disconnect());
      child.on('message', (report: SeedReport) => {
        reports.set(report.seed, report);
        for (const violation of report.violations) process.stderr.write(`violation ${JSON.stringify(violation)}\n`);
        give();
      });
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker of the simulation ended with ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: jobs }, worker));
  return conclude(
    [...reports.values()].toSorted((a, b) => a.seed - b.seed),
    (performance.now() - startedAt) / 1_000,
    json,
  );
}

function conclude(reports: readonly SeedReport[], tookSec: number, json: boolean): number {
  const faults: Record<string, number> = {};
  for (const report of reports)
    for (const [kind, count] of Object.entries(report.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  const endMs = reports.flatMap((report) => report.endMs).toSorted((a, b) => a - b);
  const percentile = (share: number): number | null =>
    endMs[Math.min(endMs.length - 1, Math.floor(share * endMs.length))] ?? null;
  const result = {
    seeds: reports.length,
    firstSeed: reports[0]?.seed,
    calls: sum(reports.map(({ calls }) => calls)),
    virtualHours: Math.round(sum(reports.map(({ virtualMs }) => virtualMs)) / 36_000) / 100,
    faults: Object.fromEntries(Object.entries(faults).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    faultsReached: sum(Object.values(faults)),
    violations: reports.flatMap(({ violations }) => violations),
    endWithoutFaultMs: { count: endMs.length, p50: percentile(0.5), p99: percentile(0.99), max: endMs.at(-1) ?? null },
    traceHash: createHash('sha256')
      .update(reports.map(({ traceHash }) => traceHash).join())
      .digest('hex')
      .slice(0, 16),
    unreached: unreached(new Set(reports.flatMap(({ reached }) => reached))),
    tookSec: Math.round(tookSec),
  };
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    const { seeds, calls, faultsReached, violations, traceHash } = result;
    process.stdout.write(
      `${seeds} seeds, ${calls} calls, ${faultsReached} faults, ${violations.length} violations, trace ${traceHash}, ${result.tookSec} s\n`,
    );
    if (result.unreached.length > 0) process.stdout.write(`not reached: ${result.unreached.join('; ')}\n`);
  }
  return result.violations.length > 0 || (seedsAreMany(result.seeds) && result.unreached.length > 0) ? 1 : 0;
}

function seedsAreMany(seeds: number): boolean {
  return seeds >= ALL_IS_REACHED_FROM;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
