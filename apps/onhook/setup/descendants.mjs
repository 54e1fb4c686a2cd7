// Everything that a process started and what that started, wherever it went: turbo gives each of its tasks a group of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { identityOf } from './process-identity.mjs';

/** @returns {{ pid: number, startedAt: string | undefined }[]} none where there is no /proc */
export function descendantsOf(pid) {
  const children = new Map();
  for (const name of processes()) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [];
  for (const queue = [pid]; queue.length > 0;) {
    const next = children.get(queue.shift()) ?? [];
    found.push(...next);
    queue.push(...next);
  }
  return found.map(identityOf);
}

function processes() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // not Linux
  }
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // it has just ended
  }
}
