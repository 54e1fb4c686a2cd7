import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LOCK = pathToFileURL(path.join(import.meta.dirname, '../../apps/onhook/setup/launcher-lock.mjs')).href;
const { takeLock }: { takeLock(file: string): Lock } = await import(LOCK);
type Lock = { holder: { pid: number; url?: string } } | { tell(facts: { url: string }): void; release(): void };

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'onhook-lock-'));
  file = path.join(dir, 'launcher.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** As many processes as will, at one moment; each says whether it got the lock and keeps it until it is told to end. */
async function contend(count: number): Promise<string[]> {
  const script = `const { takeLock } = await import(${JSON.stringify(LOCK)});
    process.stdout.write('here\\n');
    process.stdin.once('data', () => process.stdout.write('holder' in takeLock(${JSON.stringify(file)}) ? 'held\\n' : 'mine\\n'));`;
  const contenders = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const next = async ({ stdout }: (typeof contenders)[number]): Promise<string> => String((await once(stdout, 'data'))[0]).trim();
  await Promise.all(contenders.map(next));
  const answers = contenders.map(next);
  for (const { stdin } of contenders) stdin.write('go\n');
  const said = await Promise.all(answers);
  await Promise.all(
    contenders.map((one) => {
      one.kill('SIGKILL');
      return once(one, 'exit');
    }),
  );
  return said;
}

describe('the lock of a clone', () => {
  it('is taken by one of many, also when what a killed one left must be broken first', async () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: 'another time' }));
    for (let round = 0; round < 3; round += 1) {
      const said = await contend(6);
      expect(said.filter((word) => word === 'mine')).toHaveLength(1);
      expect(said.filter((word) => word === 'held')).toHaveLength(5);
      expect(readdirSync(dir)).toEqual(['launcher.json']); // of the one that was killed: stale for the next round
    }
  });

  it('is no lock when a crash cut it off', () => {
    writeFileSync(file, '{"pid":');
    expect(takeLock(file)).toHaveProperty('release');
    expect(readdirSync(dir)).toEqual(['launcher.json']);
  });

  it('tells its address whole: who began to read before goes on reading what stood there', () => {
    const lock = takeLock(file);
    if ('holder' in lock) throw new Error('nobody else is here');
    const before = openSync(file, 'r');
    lock.tell({ url: 'http://127.0.0.1:3000' });
    expect(readFileSync(before, 'utf8')).not.toContain('url');
    closeSync(before);
    expect(takeLock(file)).toMatchObject({ holder: { pid: process.pid, url: 'http://127.0.0.1:3000' } });
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
  });
});
