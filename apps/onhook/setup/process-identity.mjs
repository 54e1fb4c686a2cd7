// Which process a pid meant when it was written down: pids come again, so the moment of its start goes with it.
import { readFileSync } from 'node:fs';

/** @returns {{ pid: number, startedAt: string | undefined }} */
export function identityOf(pid) {
  return { pid, startedAt: startedAt(pid) };
}

const NOBODY = { pid: 0, startedAt: undefined };

/** What was written down by `identityOf`, with whatever else stands there; nothing if there is no such file. */
export function readIdentity(file) {
  try {
    return { ...NOBODY, ...JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return NOBODY; // cut off by a crash
    throw error;
  }
}

/** Whether that very process still runs. */
export function isAlive({ pid, startedAt: since }) {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const now = startedAt(pid);
  return now === undefined || since === undefined || now === since;
}

/** In kernel ticks since boot, from /proc; nothing where there is no /proc. */
function startedAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // not Linux, or no such process
  }
}
