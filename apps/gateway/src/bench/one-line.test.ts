import { spawn, type ChildProcess } from 'node:child_process';
import { expect, it } from 'vitest';
import { readOneLine } from './one-line.js';

const program = (source: string): ChildProcess =>
  spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'ignore'] });

it('reads what a process says', async () => {
  expect(await readOneLine(program('console.log(JSON.stringify({ lost: 0 }))'), 'load')).toBe('{"lost":0}');
});

it('tells the exit code of a process that says nothing', async () => {
  await expect(readOneLine(program('process.exitCode = 3'), 'load')).rejects.toThrow(
    'load has ended without a word (exit code 3)',
  );
  await expect(readOneLine(program('process.kill(process.pid)'), 'load')).rejects.toThrow('(SIGTERM)');
});
