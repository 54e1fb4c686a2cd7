import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createTempHouse } from '../setup/temp-house.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

let launcher: ChildProcess | undefined;
afterEach(() => {
  if (launcher?.exitCode === null) launcher.kill('SIGKILL');
});

/** The processes that a launcher started, and theirs: by the kernel's word, before and after it has gone. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const parent = Number(readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)]);
    } catch {
      continue; // it ended while we looked
    }
  }
  const below = (one: number): number[] => (parents.get(one) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

function isThere(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== '';
  } catch {
    return false; // gone, or a zombie
  }
}

async function untilGone(pids: number[], withinMs: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const left = pids.filter(isThere);
    const tookMs = performance.now() - startedAt;
    if (left.length === 0) return tookMs;
    if (tookMs > withinMs)
      throw new Error(
        `still there after ${withinMs} ms: ${left.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).join('\n')}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The real processes, in the middle of the demonstration call. */
async function inTheMiddleOfACall(): Promise<{ pid: number; pids: number[] }> {
  const child = spawn(process.execPath, ['apps/onhook/bootstrap.mjs', 'start', '--once'], {
    cwd: REPOSITORY,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  launcher = child;
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('bridged')) resolve();
    });
    child.once('exit', () => reject(new Error(`ended before the call was bridged:\n${said}`)));
  });
  const pid = child.pid ?? 0;
  const pids = descendants(pid);
  expect(pids.length).toBeGreaterThanOrEqual(7); // five programs, Redis and its guard
  return { pid, pids };
}

describe('in the middle of a call', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends every real process within 15 s', async (signal) => {
    const { pid, pids } = await inTheMiddleOfACall();
    process.kill(pid, signal);
    await untilGone([pid, ...pids], 15_000);
  });

  it('every real process notices within 5 s that the launcher was killed', async () => {
    const { pid, pids } = await inTheMiddleOfACall();
    process.kill(pid, 'SIGKILL');
    await untilGone([pid, ...pids], 5_000);
  });
});

describe('a process that will not stop', () => {
  it('is killed in time for everything to be gone within 15 s', async () => {
    const house = createTempHouse();
    try {
      const stubborn = house.launch(['start'], { STAND_IN: '{"gateway":"ignore","simulator":"ignore"}' });
      await stubborn.said('Ctrl-C stops everything');
      process.kill(stubborn.pid, 'SIGINT');
      await house.allGoneWithin(15_000);
    } finally {
      await house.remove();
    }
  });
});
