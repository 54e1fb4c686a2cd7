import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { check } from './check.mjs';
import { cleanEnv } from './clean-env.mjs';
import { withDotEnv } from './dot-env.mjs';
import { findRedis } from './find-redis.mjs';
import { install } from './install.mjs';
import { takeLock, withLock } from './launcher-lock.mjs';
import { startRedisServer } from './redis-server.mjs';
import { runStep } from './run-step.mjs';
import { SetupError, StoppedError } from './setup-error.mjs';
import { EXIT_CODES, listenForStop } from './stop-signals.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Each npm script by its name. `redis`: 'any' is somebody's (REDIS_URL) or our own; 'own' wants a program that tests may kill.
 * A benchmark is one more line here and one in package.json.
 */
const COMMANDS = {
  start: { redis: 'any', alone: (args) => !args.includes('--once'), run: start },
  test: { redis: 'own', run: vitest([]) },
  'test:long': { redis: 'own', run: vitest(['--config', 'test/long/vitest.config.ts']) },
  check: { run: check },
  openapi: { builds: false, run: program('packages/client/generate.mjs') },
  prove: { redis: 'own', run: onSources('test/prove/main.ts') },
  'prove:audit': { run: onSources('test/prove/audit/main.ts') },
  'prove:mutants': { redis: 'own', run: onSources('test/prove/mutants/main.ts') },
  // Bundles the sources itself.
  simulate: { builds: false, run: program('test/simulation/simulate.mjs') },
  simulator: { run: program('apps/simulator/dist/main.js') },
  'bench:admission': { redis: 'own', run: benchAdmission },
  'bench:api': { redis: 'own', run: benchApi },
  'bench:campaign': { redis: 'own', run: benchCampaign },
  'bench:end': { redis: 'own', run: benchEnd },
  'bench:gateway': { run: program('apps/gateway/dist/bench/main.js') },
  fuzz: { redis: 'own', run: onSources('test/fuzz/main.ts') },
  soak: { redis: 'own', run: soak },
  'bench:simulator': { run: program('apps/simulator/dist/bench/main.js') },
};

/** @returns {Promise<number>} the exit code */
export async function runCommand([name = '', ...args]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    say(`There is no command "${name}". There are: ${Object.keys(COMMANDS).join(', ')}.`);
    return 1;
  }
  const signals = listenForStop();
  let lock;
  let redis;
  try {
    const env = withDotEnv(ROOT, process.env);
    // Before anything is built: what runs must not be rebuilt under its feet.
    if (command.alone?.(args)) {
      lock = takeLock(path.join(ROOT, '.onhook', 'launcher.json'));
      if ('holder' in lock) {
        const { pid, url } = lock.holder;
        say(
          url
            ? `Onhook already runs in this folder: ${url} (process ${pid})`
            : `Onhook is being set up in this folder by process ${pid}.`,
        );
        return 1;
      }
    }
    const setupLock = path.join(ROOT, '.onhook', 'setup.json');
    const onWait = ({ pid }) => say(`Waiting for the set-up by process ${pid} …`);
    redis = await withLock(setupLock, { signal: signals.stop, onWait }, async () => {
      await install({ root: ROOT, say, signals });
      if (command.builds !== false) await build({ root: ROOT, signals });
      if (command.redis === 'any') return findRedis({ root: ROOT, say, signals, env, once: args.includes('--once') });
      if (command.redis === 'own')
        return findRedis({ root: ROOT, say, signals, env: without(env, 'REDIS_URL'), mayCompose: false });
      return undefined;
    });
    return await command.run({ root: ROOT, args, redis, signals, say, lock });
  } catch (error) {
    if (error instanceof StoppedError || signals.stop.aborted) return EXIT_CODES[signals.why()] ?? 1;
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    return 1;
  } finally {
    await redis?.stop?.();
    if (lock && 'release' in lock) lock.release();
  }
}

async function start({ root, args, redis, signals, lock }) {
  const unknown = args.filter((arg) => !['--once', '--json'].includes(arg));
  if (unknown.length > 0) throw new SetupError(`npm start takes --once and --json, not ${unknown.join(' ')}.`);
  const once = args.includes('--once');
  const json = args.includes('--json');
  const module = await import('../dist/start.js');
  const out = json ? process.stderr : process.stdout;
  const code = await module.start({
    root,
    once,
    json,
    env: withDotEnv(root, cleanEnv()),
    redis,
    signals,
    onAddress: (url) => lock?.tell({ url }),
    print: (line) => out.write(`${line}\n`),
  });
  return once && signals.stop.aborted ? EXIT_CODES[signals.why()] : code;
}

/**
 * `--calls N` (50) and `--at-once N` (10); with `--json` one object on standard output. With `--fault none|process|redis|carrier`: from the
 * request for the end, on a house of several processes, with that fault in the same moment.
 */
async function benchEnd({ root, args: given, redis, signals }) {
  const at = given.indexOf('--fault');
  const fault = at < 0 ? undefined : given[at + 1];
  const args = at < 0 ? given : given.toSpliced(at, 2);
  const { json, numbers } = readNumbers('bench:end', args, { '--calls': 50, '--at-once': 10 });
  if (at >= 0) {
    const { benchEndUnderFault, FAULT_CLASSES } = await import('../dist/bench/end-under-fault.js');
    if (!FAULT_CLASSES.includes(fault)) throw new SetupError(`--fault takes ${FAULT_CLASSES.join(', ')}.`);
    const report = await benchEndUnderFault({
      fault,
      calls: numbers['--calls'],
      atOnce: numbers['--at-once'],
      root,
      binary: redis.binary,
      env: cleanEnv(),
      signal: signals.stop,
      print: (line) => (json ? process.stderr : process.stdout).write(`${line}\n`),
    });
    process.stdout.write(`${json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
    return report.passed ? 0 : 1;
  }
  const { runEndBench } = await import('../dist/bench/end.js');
  return inAHouse({ root, json, redis, signals, run: runEndBench(numbers['--calls'], numbers['--at-once']) });
}

/**
 * `--contacts N` (1 000 000) are imported and fed, `--race N` (3 000) are called by two dialers of which one is killed; 0 leaves a part out.
 * With `--json` one object on standard output.
 */
async function benchCampaign({ root, args: given, redis, signals }) {
  const zero = (option) => given.includes(option) && given[given.indexOf(option) + 1] === '0';
  const args = given.filter(
    (arg, i) => !['--contacts', '--race'].some((option) => zero(option) && (arg === option || given[i - 1] === option)),
  );
  const { json, numbers } = readNumbers('bench:campaign', args, { '--contacts': 1_000_000, '--race': 3_000 });
  const module = await import('../dist/bench/campaign/main.js');
  const report = await module.benchCampaign({
    contacts: zero('--contacts') ? 0 : numbers['--contacts'],
    race: zero('--race') ? 0 : numbers['--race'],
    root,
    binary: redis.binary,
    env: cleanEnv(),
    signal: signals.stop,
    print: (line) => (json ? process.stderr : process.stdout).write(`${line}\n`),
  });
  process.stdout.write(`${json ? JSON.stringify(report) : JSON.stringify(report, null, 2)}\n`);
  return report.passed ? 0 : 1;
}

/** Many short calls: `--calls N` (2 000), `--at-once N` (40). Exit code 1 if something grows with every call that is over. */
async function soak({ root, args, redis, signals }) {
  const { json, numbers } = readNumbers('soak', args, { '--calls': 2_000, '--at-once': 40 });
  const [calls, atOnce] = [numbers['--calls'], numbers['--at-once']];
  const { runSoak } = await import('../dist/soak/soak.js');
  const env = {
    AGENTS_DIR: path.join(root, 'apps/onhook/soak/agents'),
    MAX_CONCURRENT_CALLS: String(atOnce * 2),
    SEATS: String(atOnce * 2),
    // The young generation, which V8 makes large and small as it likes, is not what is weighed.
    NODE_OPTIONS: `--max-semi-space-size=2 --import ${pathToFileURL(path.join(root, 'apps/onhook/soak/collect-garbage.mjs'))}`,
  };
  return inAHouse({ root, json, redis, signals, env, run: runSoak({ calls, atOnce }) });
}

function readNumbers(name, args, defaults) {
  const numbers = { ...defaults };
  const rest = args.filter((arg, i) => !(arg in numbers) && !(args[i - 1] in numbers) && arg !== '--json');
  for (const option of Object.keys(numbers)) {
    if (args.includes(option)) numbers[option] = Number(args[args.indexOf(option) + 1]);
    if (!Number.isInteger(numbers[option]) || numbers[option] < 1) rest.push(option);
  }
  const takes = Object.keys(numbers).map((option) => `${option} N`);
  if (rest.length > 0) throw new SetupError(`npm run ${name} takes ${takes.join(', ')} and --json, not ${rest.join(' ')}.`);
  return { json: args.includes('--json'), numbers };
}

/** A house of its own on the simulator, for `run` instead of the demonstration call. */
async function inAHouse({ root, json, redis, signals, env = {}, run, out }) {
  const { start: open } = await import('../dist/start.js');
  return open({
    root,
    once: true,
    json,
    env: { ...without(withDotEnv(root, cleanEnv()), 'REDIS_URL'), ...env },
    redis,
    signals,
    onAddress: () => {},
    print: (line) => (out ?? (json ? process.stderr : process.stdout)).write(`${line}\n`),
    show: { withinMs: 1_800_000, run },
  });
}

/**
 * `--finished N` (10 000): calls that run to their end through a house of their own, and are weighed; 0 leaves them out. What else
 * there is (`--repeats`, `--seconds`, `--calls`, `--json`) is of apps/api/src/bench.
 */
async function benchApi({ root, args, redis, signals }) {
  const at = args.indexOf('--finished');
  const finished = at < 0 ? 10_000 : Number(args[at + 1]);
  if (!Number.isInteger(finished) || finished < 0) throw new SetupError('npm run bench:api takes --finished N, a whole number.');
  const rest = at < 0 ? args : args.toSpliced(at, 2);
  let bytes = [];
  if (finished > 0) {
    const { weighFinishedCalls } = await import('../dist/bench/finished-calls.js');
    const env = { MAX_CONCURRENT_CALLS: '200', SEATS: '200', AGENTS_DIR: path.join(root, 'apps/onhook/soak') };
    const run = weighFinishedCalls(finished, (each) => (bytes = ['--bytes', String(each)]));
    const code = await inAHouse({ root, json: false, redis, signals, env, run, out: process.stderr });
    if (code !== 0) return code;
  }
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-bench-'));
  const server = await startRedisServer({ binary: redis.binary, dir, removeWhenOrphaned: true });
  try {
    const env = { ...cleanEnv(), REDIS_URL: server.url };
    const file = path.join(root, 'apps/api/dist/bench/main.js');
    return (await runStep(process.execPath, [file, ...rest, ...bytes], { cwd: root, env, output: 'inherit', signals })).code;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** With a Redis of its own, which keeps nothing. */
async function benchAdmission({ root, args, redis, signals }) {
  const dir = mkdtempSync(path.join(tmpdir(), 'onhook-bench-'));
  const server = await startRedisServer({ binary: redis.binary, dir, appendfsync: 'no', removeWhenOrphaned: true });
  try {
    const env = { ...cleanEnv(), REDIS_URL: server.url, REDIS_PID: String(server.pid) };
    const file = path.join(root, 'packages/store/dist/bench/main.js');
    return (await runStep(process.execPath, [file, ...args], { cwd: root, env, output: 'inherit', signals })).code;
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** One run over all workspaces. What follows `npm test --` goes to vitest. */
function vitest(own) {
  return async ({ root, args, redis, signals }) => {
    const cli = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const env = { ...cleanEnv(), ONHOOK_REDIS_BIN: redis.binary.file };
    return (await runStep(process.execPath, [cli, 'run', ...own, ...args], { cwd: root, env, output: 'inherit', signals })).code;
  };
}

function program(file) {
  return async ({ root, args, signals }) =>
    (
      await runStep(process.execPath, [path.join(root, file), ...args], {
        cwd: root,
        env: cleanEnv(),
        output: 'inherit',
        signals,
      })
    ).code;
}

/** A TypeScript program of `test/`, on the sources of the house. */
function onSources(file) {
  return async ({ root, args, redis, signals }) =>
    (
      await runStep(process.execPath, ['--conditions', 'onhook-source', 'test/run-source.mjs', file, ...args], {
        cwd: root,
        env: { ...cleanEnv(), ...(redis && { ONHOOK_REDIS_BIN: redis.binary.file }) },
        output: 'inherit',
        signals,
      })
    ).code;
}

function say(line) {
  process.stderr.write(`onhook: ${line}\n`);
}

function without(env, name) {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}
