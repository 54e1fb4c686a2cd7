// Runs one program of the set-up (npm, turbo, apt) under the guard, in a process group of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { StoppedError } from './setup-error.mjs';

const GUARD = fileURLToPath(new URL('./guard.mjs', import.meta.url));

/**
 * @param {string} file
 * @param {string[]} args
 * @param {object} options
 * @param {'quiet' | 'stderr' | 'inherit'} [options.output] quiet: kept and returned; stderr: both of its streams go to our standard error
 * @param {{ stop: AbortSignal, force: AbortSignal }} [options.signals] the program is stopped when these abort
 * @returns {Promise<{ code: number, output: string }>} rejects only if it was stopped
 */
export function runStep(file, args, { cwd, env = process.env, output = 'quiet', signals, timeoutMs } = {}) {
  if (signals?.stop.aborted) return Promise.reject(new StoppedError(String(signals.stop.reason)));
  return new Promise((resolve, reject) => {
    const stdout = output === 'quiet' ? 'pipe' : output === 'stderr' ? 2 : 'inherit';
    const stderr = output === 'quiet' ? 'pipe' : 'inherit';
    const guard = spawn(process.execPath, [GUARD, JSON.stringify({ file, args, cwd, forceAfterMs: 5000 })], {
      detached: true,
      env,
      stdio: ['pipe', stdout, stderr],
    });
    let kept = '';
    for (const stream of [guard.stdout, guard.stderr]) stream?.on('data', (chunk) => (kept = (kept + chunk).slice(-200_000)));
    guard.stdin.on('error', () => {}); // its exit is what is looked at
    const stop = () => guard.kill('SIGTERM'); // told twice, the guard forces
    const timer = timeoutMs ? setTimeout(stop, timeoutMs) : undefined;
    signals?.stop.addEventListener('abort', stop, { once: true });
    signals?.force.addEventListener('abort', stop, { once: true });
    guard.once('error', reject);
    guard.once('close', (code) => {
      clearTimeout(timer);
      signals?.stop.removeEventListener('abort', stop);
      signals?.force.removeEventListener('abort', stop);
      if (signals?.stop.aborted) reject(new StoppedError(String(signals.stop.reason)));
      else resolve({ code: code ?? 1, output: kept });
    });
  });
}
