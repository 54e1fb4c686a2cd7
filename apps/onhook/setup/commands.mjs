import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
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
  simulator: { run: program('apps/simulator/dist/main.js') },
  'bench:admission': { redis: 'own', run: benchAdmission },
  'bench:end': { redis: 'own', run: benchEnd },
  'bench:gateway': { run: program('apps/gateway/dist/bench/main.js') },
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
      await build({ root: ROOT, signals });
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

/** `--calls N` (50) and `--at-once N` (10); with `--json` one object on standard output. */
async function benchEnd({ root, args, redis, signals }) {
  const numbers = { '--calls': 50, '--at-once': 10 };
  const rest = args.filter((arg, i) => !(arg in numbers) && !(args[i - 1] in numbers) && arg !== '--json');
  for (const name of Object.keys(numbers)) {
    if (args.includes(name)) numbers[name] = Number(args[args.indexOf(name) + 1]);
    if (!Number.isInteger(numbers[name]) || numbers[name] < 1) rest.push(name);
  }
  if (rest.length > 0) throw new SetupError(`npm run bench:end takes --calls N, --at-once N and --json, not ${rest.join(' ')}.`);
  const [{ start: open }, { runEndBench }] = await Promise.all([import('../dist/start.js'), import('../dist/bench/end.js')]);
  const json = args.includes('--json');
  return open({
    root,
    once: true,
    json,
    env: without(withDotEnv(root, cleanEnv()), 'REDIS_URL'),
    redis,
    signals,
    onAddress: () => {},
    print: (line) => (json ? process.stderr : process.stdout).write(`${line}\n`),
    show: { withinMs: 1_800_000, run: runEndBench(numbers['--calls'], numbers['--at-once']) },
  });
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

function say(line) {
  process.stderr.write(`onhook: ${line}\n`);
}

function without(env, name) {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key !== name));
}
