import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, reasonOf, warn, type Finding } from './check.js';

const OLDEST_NODE = [20, 19] as const;
/** An hour of stereo recordings of 50 calls at once takes about 3 GB. */
const LEAST_DISK_GB = 2;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (isOld) return fail('Node', `${version} is too old`, `Install Node ${OLDEST_NODE.join('.')} or newer.`);
  return ok('Node', version);
}

/** @param dir where recordings are to lie; it may not be there yet */
export function checkDisk(dir: string): Finding {
  let there = path.resolve(dir);
  while (!existsSync(there)) there = path.dirname(there);
  try {
    accessSync(there, constants.W_OK);
  } catch (error) {
    return fail(
      'Disk',
      `${there} cannot be written (${reasonOf(error)})`,
      'Give RECORDINGS_DIR a folder that this user may write.',
    );
  }
  const { bavail, bsize } = statfsSync(there);
  const gigabytes = Math.floor((bavail * bsize) / 1e8) / 10;
  if (gigabytes < LEAST_DISK_GB)
    return warn(
      'Disk',
      `only ${gigabytes} GB are free for recordings`,
      'Make room, or shorten the retention: 100 minutes of calls take 100 MB.',
    );
  return ok('Disk', `${gigabytes} GB free for recordings`);
}
