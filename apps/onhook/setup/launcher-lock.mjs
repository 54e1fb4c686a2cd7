// One `npm start` a clone. The lock is a file with the pid of its holder and the moment it was started, because pids come again.
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf, isAlive, readIdentity } from './process-identity.mjs';

/**
 * Takes the lock, or says who has it.
 *
 * @param {string} file
 * @returns {{ holder: { pid: number, url?: string } } | { tell(facts: { url: string }): void, release(): void }}
 */
export function takeLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = identityOf(process.pid);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
  const taken = {
    tell: (facts) => {
      writeFileSync(draft, JSON.stringify({ ...mine, ...facts }));
      renameSync(draft, file); // whoever reads it reads all or nothing new
    },
    release: () => rmSync(file, { force: true }),
  };
  try {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (linkUnlessThere(draft, file)) return taken; // whole at once, and only if nobody was first
      const holder = readIdentity(file);
      if (holder && isAlive(holder)) return { holder };
      if (holder && replaceStale(draft, file)) return taken;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10); // somebody else is at it
    }
    throw new Error(`${file} could not be taken`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Puts our lock in the place of one whose holder is dead, at one stroke. One at a time, and after another look: what was stale
 * a moment ago may have been replaced by somebody who lives. (Who is killed just here leaves a file that the next one removes.)
 */
function replaceStale(draft, file) {
  const breaking = `${file}.breaking`;
  if (!linkUnlessThere(draft, breaking)) {
    const breaker = readIdentity(breaking);
    if (breaker && !isAlive(breaker)) rmSync(breaking, { force: true });
    return false;
  }
  try {
    const holder = readIdentity(file);
    if (!holder || isAlive(holder)) return false;
    renameSync(draft, file);
    return true;
  } finally {
    rmSync(breaking, { force: true });
  }
}

function linkUnlessThere(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
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
