// Runs a Redis of our own: free loopback port, its data in one folder, every write on disk before it is answered.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';
import { isAlive, readIdentity } from './process-identity.mjs';
import { askRedis } from './resp.mjs';

const GUARD = fileURLToPath(new URL('./guard.mjs', import.meta.url));
const CLUSTER_BUS = 10_000;
/** Its guard gives a Redis whose launcher was killed 2.5 s for an orderly end. */
const PREDECESSOR_ENDS_WITHIN_MS = 6_000;
const pidFileOf = (dir) => path.join(dir, 'redis.pid');

/**
 * Starts Redis under its guard and resolves once it answers PING (in cluster mode: once it serves all slots).
 *
 * @param {object} options
 * @param {import('./redis-binary.mjs').RedisBinary} options.binary
 * @param {string} options.dir data folder; made if absent
 * @param {number} [options.port] a free one is picked if none is given
 * @param {boolean | 'member'} [options.cluster] one node that owns all slots; or a node that somebody else makes a cluster of
 * @param {string} [options.sentinelOf] `host port` of the primary: it is no server but a sentinel, for the name `onhook`
 * @param {string[]} [options.args] more of Redis's own
 * @param {string} [options.appendfsync]
 * @param {string} [options.logFile] Redis's own log; without it Redis writes to our standard error
 * @param {boolean} [options.removeWhenOrphaned] the guard removes `dir` if the parent dies
 */
export async function startRedisServer(options) {
  await predecessorIsGone(options.dir);
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort(options.cluster ? { alsoFree: CLUSTER_BUS } : {}));
    try {
      return await startOnPort(port, options);
    } catch (error) {
      // Somebody else may have taken the port since it was probed; only a port that we chose may be changed.
      if (options.port || attempt === 3) throw error;
    }
  }
}

/** Two servers that append to one file would spoil it: the last one, of a killed launcher, may still be about to end. */
async function predecessorIsGone(dir) {
  const predecessor = readIdentity(pidFileOf(dir));
  if (!predecessor) return;
  for (const giveUpAt = performance.now() + PREDECESSOR_ENDS_WITHIN_MS; isAlive(predecessor);) {
    if (performance.now() > giveUpAt) throw new Error(`Redis (process ${predecessor.pid}) still runs on ${dir}; end it first.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function startOnPort(port, options) {
  const { binary, dir, cluster, removeWhenOrphaned } = options;
  mkdirSync(dir, { recursive: true });
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--protected-mode', 'yes', '--dir', dir, '--daemonize', 'no'];
  if (options.sentinelOf) args.unshift(sentinelFile(dir, options.sentinelOf), '--sentinel');
  else args.push(...serverArguments(options));
  const order = {
    file: binary.file,
    argv0: binary.argv0,
    env: binary.env,
    args,
    announce: true,
    pidFile: path.resolve(pidFileOf(dir)),
    removeWhenOrphaned: removeWhenOrphaned && dir,
  };
  const guard = spawn(process.execPath, [GUARD, JSON.stringify(order)], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const said = keepLastLines(guard);
  guard.stdin.on('error', () => {}); // the guard's exit is what is looked at
  const exited = new Promise((resolve) => guard.once('exit', resolve));
  let isUp = true;
  void exited.then(() => (isUp = false));

  try {
    const pid = await firstLine(guard);
    const isReady = () => (cluster === true ? makeWholeCluster(port) : askRedis({ host: '127.0.0.1', port }, [['PING']], 1000));
    for (const giveUpAt = performance.now() + 15_000; ;) {
      if (!isUp) throw new Error(`Redis ended at once:\n${said()}`);
      try {
        await isReady();
        break;
      } catch (error) {
        if (performance.now() > giveUpAt) throw new Error(`Redis did not become ready: ${error.message}\n${said()}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    return {
      port,
      pid,
      guardPid: guard.pid,
      url: `redis://127.0.0.1:${port}`,
      exited,
      lastLines: said,
      stop: () => stop(guard, exited),
    };
  } catch (error) {
    await stop(guard, exited);
    throw error;
  }
}

function serverArguments({ cluster, appendfsync = 'always', logFile, args = [] }) {
  return [
    '--appendonly',
    'yes',
    '--appendfsync',
    appendfsync,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
    ...(logFile ? ['--logfile', path.resolve(logFile)] : []),
    ...(cluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-node-timeout', '2000'] : []),
    ...args,
  ];
}

/** A sentinel keeps what it learns in its own configuration file. */
function sentinelFile(dir, primary) {
  const file = path.join(path.resolve(dir), 'sentinel.conf');
  const name = 'onhook';
  const lines = [
    `sentinel monitor ${name} ${primary} 2`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 6000`,
  ];
  if (!existsSync(file)) writeFileSync(file, lines.join('\n'));
  return file;
}

/** Gives one node all slots, once, and fails until it serves them. */
async function makeWholeCluster(port) {
  const server = { host: '127.0.0.1', port };
  const info = String(await askRedis(server, [['CLUSTER', 'INFO']], 1000));
  if (info.includes('cluster_state:ok')) return;
  if (info.includes('cluster_slots_assigned:0')) {
    // Redis 7 has ADDSLOTSRANGE; 6.2 wants every slot by its number.
    const every = Array.from({ length: 16_384 }, (_, slot) => String(slot));
    await askRedis(server, [['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']], 1000).catch(() =>
      askRedis(server, [['CLUSTER', 'ADDSLOTS', ...every]], 1000),
    );
  }
  throw new Error('the cluster is not whole yet');
}

/** Orderly first; the guard forces after 2.5 s. Resolves when the process is gone. */
async function stop(guard, exited) {
  guard.kill('SIGTERM');
  await exited;
}

function firstLine(guard) {
  return new Promise((resolve, reject) => {
    guard.stdout.once('data', (chunk) => resolve(Number.parseInt(String(chunk), 10)));
    guard.once('error', reject);
    guard.once('exit', () => reject(new Error('Redis could not be started')));
  });
}

function keepLastLines(child) {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (kept = (kept + chunk).slice(-4000)));
  }
  return () => kept;
}
