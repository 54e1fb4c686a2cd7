// Stands between a launcher (or a test) and a program that cannot notice that its parent was killed: Redis, npm, turbo.
// This process can: its standard input is a pipe that the parent holds open. When the pipe closes, the program is stopped.
// argv[2]: JSON { file, args, argv0?, env?, cwd?, announce?, pidFile?, removeWhenOrphaned?, forceAfterMs? }.
// With `announce`, the first line on standard output is the program's pid. `pidFile` is told which process it is, and stays.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { descendantsOf } from './descendants.mjs';
import { identityOf, isAlive } from './process-identity.mjs';

const order = JSON.parse(process.argv[2] ?? '{}');
const program = spawn(order.file, order.args, {
  ...(order.argv0 && { argv0: order.argv0 }),
  cwd: order.cwd,
  env: { ...process.env, ...order.env },
  detached: true, // a group of its own: what it starts is stopped with it
  stdio: ['ignore', 'inherit', 'inherit'],
});
let isStopping = false;
let isOrphaned = false;
/** Known before anything is told to stop: once their parents are gone nobody could say whose they were. */
let family = [];

program.on('error', (error) => {
  process.stderr.write(`${order.file} could not be started: ${error.message}\n`);
  process.exit(127);
});
program.on('exit', (code, signal) => {
  if (isStopping) killFamily(); // whatever its children still do
  if (isOrphaned && order.removeWhenOrphaned) rmSync(order.removeWhenOrphaned, { recursive: true, force: true });
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});
if (order.pidFile && program.pid) writeFileSync(order.pidFile, JSON.stringify(identityOf(program.pid)));
if (order.announce && program.pid) process.stdout.write(`${program.pid}\n`);

function signalGroup(signal) {
  try {
    process.kill(-Number(program.pid), signal);
  } catch {
    // the group is gone already
  }
}

function killFamily() {
  signalGroup('SIGKILL');
  for (const one of family) {
    if (!isAlive(one)) continue;
    try {
      process.kill(one.pid, 'SIGKILL');
    } catch {
      // it ended by itself just now
    }
  }
}

function stop() {
  if (isStopping) return;
  isStopping = true;
  family = descendantsOf(program.pid);
  signalGroup('SIGCONT'); // a frozen program would never see the next one
  signalGroup('SIGTERM');
  setTimeout(killFamily, order.forceAfterMs ?? 2500);
}

process.stdin.on('error', () => {}); // 'close' follows
process.stdin.on('close', () => {
  isOrphaned = true;
  stop();
});
process.stdin.resume();
// A second signal forces.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => (isStopping ? killFamily() : stop()));
// Nobody may be left to read what the program has to say.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
