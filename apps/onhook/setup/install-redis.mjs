// Brings a Redis to a machine that has none. Never a service: nothing may listen on 6379 because somebody typed `npm start`.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { findRedisBinary, isProgram, libraryFolders, privateFolder } from './redis-binary.mjs';
import { runStep } from './run-step.mjs';

const APT_PACKAGE = 'redis-tools'; // not `redis-server`, which starts a service; its redis-check-rdb is the same program
const APT_TIMEOUT_MS = 240_000;

/** Tries each way in turn. Resolves with a binary, or with nothing if none led to one. */
export async function installRedis({ root, say, signals, env = process.env, isRoot = process.getuid?.() === 0 }) {
  for (const way of [withApt, withPrivateApt, withBrew]) {
    const worked = await way({ root, say, signals, env, isRoot });
    const binary = worked && findRedisBinary({ root, env });
    if (binary) return binary;
  }
  return undefined;
}

/** As root, or as somebody who may become root without being asked for a password. */
async function withApt({ say, signals, env, isRoot }) {
  const apt = onPath('apt-get', env);
  if (!apt) return false;
  const sudo = isRoot ? undefined : onPath('sudo', env);
  if (!isRoot) {
    if (!sudo || (await runStep(sudo, ['-n', 'true'], { env, signals, timeoutMs: 10_000 })).code !== 0) return false;
  }
  const run = (...args) => {
    const words = ['env', 'DEBIAN_FRONTEND=noninteractive', apt, ...args];
    return runStep(sudo ?? '/usr/bin/env', sudo ? ['-n', ...words] : words.slice(1), { env, signals, timeoutMs: APT_TIMEOUT_MS });
  };
  // A package that is marked as installed but whose program was removed by hand comes back only so.
  const install = () => run('install', '-y', '--reinstall', '--no-install-recommends', APT_PACKAGE);
  say(`Installing Redis (apt-get install --no-install-recommends ${APT_PACKAGE}) …`);
  if ((await install()).code === 0) return true;
  await run('update');
  return (await install()).code === 0;
}

/** Without any right: the packages are downloaded and unpacked into `.onhook/`, with apt's own files there too. */
async function withPrivateApt({ root, say, signals, env }) {
  const apt = onPath('apt-get', env);
  const dpkg = onPath('dpkg', env);
  if (!apt || !dpkg) return false;
  const state = path.join(root, '.onhook', 'apt');
  const target = privateFolder(root);
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs'])
    mkdirSync(path.join(state, folder), { recursive: true });
  mkdirSync(target, { recursive: true });
  const options = [`Dir::State::Lists=${state}/lists`, `Dir::Cache=${state}/cache`, 'Debug::NoLocking=1', 'APT::Sandbox::User='];
  const run = (...args) =>
    runStep(apt, [...options.flatMap((option) => ['-o', option]), ...args], {
      cwd: `${state}/debs`,
      env,
      signals,
      timeoutMs: APT_TIMEOUT_MS,
    });

  say('Downloading Redis into .onhook/ (apt-get download) …');
  if ((await run('update')).code !== 0) return false;
  const plan = await run('-s', 'install', '--no-install-recommends', APT_PACKAGE);
  const missing = [...plan.output.matchAll(/^Inst (\S+)/gm)].map((line) => line[1]);
  if ((await run('download', ...new Set([APT_PACKAGE, ...missing]))).code !== 0) return false;
  for (const deb of readdirSync(`${state}/debs`).filter((file) => file.endsWith('.deb'))) {
    if ((await runStep(dpkg, ['-x', `${state}/debs/${deb}`, target], { env, signals })).code !== 0) return false;
  }
  return (await missingLibraries({ target, env, signals })).length === 0;
}

/** What the loader would not find, by ldd's word. Said aloud instead of a crash without a reason. */
async function missingLibraries({ target, env, signals }) {
  const ldd = onPath('ldd', env);
  const program = path.join(target, 'usr/bin/redis-check-rdb');
  if (!ldd || !existsSync(program)) return [];
  const libraries = { ...env, LD_LIBRARY_PATH: libraryFolders(target).join(':') };
  const { output } = await runStep(ldd, [program], { env: libraries, signals });
  const missing = [...output.matchAll(/^\s*(\S+) => not found/gm)].map((line) => line[1]);
  if (missing.length > 0) process.stderr.write(`Redis was unpacked, but these libraries are missing: ${missing.join(', ')}\n`);
  return missing;
}

async function withBrew({ say, signals, env }) {
  const brew = onPath('brew', env);
  if (!brew) return false;
  say('Installing Redis (brew install redis) …');
  return (await runStep(brew, ['install', 'redis'], { env, signals, output: 'stderr' })).code === 0;
}

/**
 * The compose file's Redis, on a port of the loopback interface, under a project name of its own: a house that the user runs
 * from the same compose file is not touched. For `npm start` only: tests want to kill theirs.
 *
 * @returns {Promise<{ url: string, stop(): Promise<void> } | undefined>} `stop` ends the container; its data stay in a volume, unless it is `--once`
 */
export async function redisFromCompose({ root, say, signals, env = process.env, port, once = false }) {
  const docker = onPath('docker', env);
  if (!docker) return undefined;
  if ((await runStep(docker, ['compose', 'version'], { env, signals, timeoutMs: 10_000 })).code !== 0) return undefined;
  if ((await runStep(docker, ['info'], { env, signals, timeoutMs: 10_000 })).code !== 0) return undefined;
  say('Starting Redis (docker compose up redis) …');
  const clone = createHash('sha256').update(root).digest('hex').slice(0, 8);
  const project = `onhook-${once ? `once-${process.pid}` : clone}`;
  // The whole file is filled in, whichever service is meant: every variable that it insists on must have a value.
  const words = ['compose', '--project-name', project, '--env-file', path.join(root, 'deploy', 'simulator.env')];
  const options = { cwd: root, env: { ...env, REDIS_PORT: String(port) }, output: 'stderr' };
  const stop = async () => {
    const how = once ? ['down', '--volumes', '--timeout', '3'] : ['stop', '--timeout', '3', 'redis'];
    await runStep(docker, [...words, ...how], { ...options, timeoutMs: 10_000 });
  };
  try {
    const { code } = await runStep(docker, [...words, 'up', '--detach', '--wait', 'redis'], { ...options, signals });
    if (code === 0) return { url: `redis://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop(); // half started when a signal came
    throw error;
  }
  await stop();
  return undefined;
}

function onPath(name, env) {
  for (const folder of (env.PATH ?? '').split(path.delimiter)) {
    if (path.isAbsolute(folder) && isProgram(path.join(folder, name))) return path.join(folder, name);
  }
  return undefined;
}
