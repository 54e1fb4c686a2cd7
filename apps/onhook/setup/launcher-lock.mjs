// One `npm start` a clone. The lock is a file with the pid of its holder and the moment it was started, because pids come again.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Takes the lock, or says who has it.
 *
 * @param {string} file
 * @returns {{ holder: { pid: number, url?: string } } | { tell(facts: { url: string }): void, release(): void }}
 */
export function takeLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = { pid: process.pid, startedAt: startedAt(process.pid) };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      try {
        linkSync(draft, file); // whole at once, and only if nobody was first
        return {
          tell: (facts) => writeFileSync(file, JSON.stringify({ ...mine, ...facts })),
          release: () => rmSync(file, { force: true }),
        };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = read(file);
      if (holder && isAlive(holder)) return { holder };
      rmSync(file, { force: true });
    }
    throw new Error(`${file} could not be taken`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Waits for the lock instead: two commands of one clone must not install or build at once. */
export async function withLock(file, { signal, onWait }, run) {
  for (let isFirst = true; ; isFirst = false) {
    const lock = takeLock(file);
    if ('release' in lock) {
      try {
        return await run();
      } finally {
        lock.release();
      }
    }
    if (isFirst) onWait(lock.holder);
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // gone, or cut off in the middle of a write: nobody holds it
  }
}

function isAlive({ pid, startedAt: since }) {
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
