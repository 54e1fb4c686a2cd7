// Stands between a launcher (or a test) and a program that cannot notice that its parent was killed: Redis, npm, turbo.
// This process can: its standard input is a pipe that the parent holds open. When the pipe closes, the program is stopped.
// argv[2]: JSON { file, args, argv0?, env?, cwd?, announce?, pidFile?, removeWhenOrphaned?, forceAfterMs? }.
// With `announce`, the first line on standard output is the program's pid. `pidFile` is told which process it is, and stays.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { identityOf } from './process-identity.mjs';

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

program.on('error', (error) => {
  process.stderr.write(`${order.file} could not be started: ${error.message}\n`);
  process.exit(127);
});
program.on('exit', (code, signal) => {
  if (isStopping) signalGroup('SIGKILL'); // whatever its children still do
  if (isOrphaned && order.removeWhenOrphaned) rmSync(order.removeWhenOrphaned, { recursive: true, force: true });
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});
if (order.pidFile && program.pid) writeFileSync(order.pidFile, JSON.stringify(identityOf(program.pid)));
if (order.announce && program.pid) process.stdout.write(`${program.pid}\n`);

function signalGroup(signal) {
  try {
    process.kill(-program.pid, signal);
  } catch {
    // the group is gone already
  }
}

function stop() {
  if (isStopping) return;
  isStopping = true;
  signalGroup('SIGCONT'); // a frozen program would never see the next one
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), order.forceAfterMs ?? 2500);
}

process.stdin.on('error', () => {}); // 'close' follows
process.stdin.on('close', () => {
  isOrphaned = true;
  stop();
});
process.stdin.resume();
// A second signal forces.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => (isStopping ? signalGroup('SIGKILL') : stop()));
// Nobody may be left to read what the program has to say.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
