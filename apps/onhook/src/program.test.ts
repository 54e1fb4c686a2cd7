import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemTimers } from '@onhook/service';
import { startProgram } from './program.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(path.join(tmpdir(), 'onhook-program-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const start = (signal: AbortSignal, code: string) =>
  startProgram(
    {
      name: 'stub',
      command: [process.execPath, '-e', code],
      cwd: dir,
      env: {},
      logFile: path.join(dir, 'stub.log'),
      stopWithinMs: 5_000,
    },
    { timers: systemTimers, readyWithinMs: 30_000, signal },
  );

describe('a program', () => {
  it('that is ready, or has failed to be, leaves no listener behind: houses start many under one signal', async () => {
    const { signal } = new AbortController();
    const program = await start(signal, "process.send({ type: 'ready' }); setInterval(() => {}, 1000)");
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await program.stop();
    await expect(start(signal, 'process.exit(3)')).rejects.toThrow('ended before it was ready (exit code 3)');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('that is not ready when all are to stop does not start', async () => {
    const stop = new AbortController();
    const starting = start(stop.signal, 'setInterval(() => {}, 1000)');
    stop.abort();
    await expect(starting).rejects.toThrow('was stopped before it was ready');
  });
});
