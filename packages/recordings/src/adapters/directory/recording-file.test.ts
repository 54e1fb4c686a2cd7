import { readMuLawWav } from '@onhook/audio';
import { newCallId } from '@onhook/contracts';
import { silentLogger, systemTimers } from '@onhook/service';
import { createSeededChance, createVirtualTime } from '@onhook/service/virtual-time';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDirectoryRecordings, type RecordingFile, type RecordingFiles } from './index.js';

const callId = newCallId('a', createSeededChance(1, { now: () => 1_700_000_000_000 }).uuidv7());

/** Bytes that are nowhere silent, and differ from call to call. */
const sound = (bytes: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + seed * 31) % 251);

describe('recordings that are written to a directory', () => {
  async function inDirectory(run: (dir: string) => Promise<void>): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'onhook-recordings-'));
    try {
      await run(dir);
    } finally {
      await rm(dir, { recursive: true });
    }
  }

  it('show up complete under the name of call and attempt, and not before', () =>
    inDirectory(async (dir) => {
      const store = createDirectoryRecordings({ dir: join(dir, 'new'), logger: silentLogger, timers: systemTimers });
      const writer = store.open(callId, 1);
      const stereo = sound(4_000, 5);
      expect(writer.write(stereo.subarray(0, 1_000))).toBe(true);
      expect(writer.write(stereo.subarray(1_000))).toBe(true);
      expect(await writer.finish()).toEqual({ frames: 2_000 });
      expect(await readdir(join(dir, 'new'))).toEqual([`${callId}-1.wav`]);
      const file = await readFile(join(dir, 'new', `${callId}-1.wav`));
      expect(file.subarray(58).equals(Buffer.from(stereo))).toBe(true);
      expect(readMuLawWav(file)!.frames).toBe(2_000);
    }));

  it('leave nothing behind for a call without sound', () =>
    inDirectory(async (dir) => {
      const store = createDirectoryRecordings({ dir, logger: silentLogger, timers: systemTimers });
      expect(await store.open(callId, 1).finish()).toBeNull();
      const writer = store.open(callId, 2);
      writer.write(new Uint8Array(0));
      expect(await writer.finish()).toBeNull();
      expect(await readdir(dir)).toEqual([]);
    }));

  function badDisk(file: Partial<RecordingFile>, files: Partial<RecordingFiles> = {}): RecordingFiles {
    const good: RecordingFile = { write: async () => {}, close: async () => {} };
    return {
      makeDirectory: async () => {},
      create: async () => ({ ...good, ...file }),
      rename: async () => {},
      remove: async () => {},
      ...files,
    };
  }
  const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

  it('of a full disk keep what was written, and take no more', async () => {
    let room = 3;
    const renamed: string[] = [];
    const files = badDisk(
      {
        write: async (_, position) => {
          if (position === undefined && room-- <= 0) throw full();
        },
      },
      { rename: async (_, to) => void renamed.push(to) },
    );
    const writer = createDirectoryRecordings({ dir: '/recordings', logger: silentLogger, timers: systemTimers, files }).open(
      callId,
      1,
    );
    for (let i = 0; i < 5; i++) writer.write(sound(100, i));
    expect(await writer.finish()).toEqual({ frames: 100 });
    expect(renamed).toEqual([`/recordings/${callId}-1.wav`]);
    expect(writer.write(sound(100, 9))).toBe(false);
  });

  it('of a directory that cannot be made are none, without an error for the call', async () => {
    const files = badDisk(
      {},
      {
        makeDirectory: async () => {
          throw full();
        },
      },
    );
    const writer = createDirectoryRecordings({ dir: '/nowhere', logger: silentLogger, timers: systemTimers, files }).open(
      callId,
      1,
    );
    expect(writer.write(sound(100, 1))).toBe(true);
    expect(await writer.finish()).toBeNull();
    expect(writer.write(sound(100, 1))).toBe(false);
  });

  it('of a slow disk wait with a bound in memory and a bound in time', async () => {
    const time = createVirtualTime();
    const files = badDisk({ write: () => new Promise(() => {}) });
    const writer = createDirectoryRecordings({
      dir: '/slow',
      logger: silentLogger,
      timers: time,
      files,
      maxQueuedBytes: 1_000,
      finishWithinMs: 5_000,
    }).open(callId, 1);
    expect(writer.write(sound(600, 1))).toBe(true);
    expect(writer.write(sound(600, 2))).toBe(false);
    expect(writer.write(sound(400, 3))).toBe(true);
    const finished = writer.finish();
    await time.advance(5_000);
    expect(await finished).toBeNull();
  });

  it.each(['write', 'rename'] as const)(
    'of a disk whose last %s comes too late leave no file that nobody knows',
    async (slow) => {
      const time = createVirtualTime();
      let wake = (): void => {};
      const late = new Promise<void>((resolve) => (wake = resolve));
      const there = new Set<string>();
      const files = badDisk(
        { write: async (_, position) => (slow === 'write' && position === 0 ? late : undefined) },
        {
          rename: async (from, to) => {
            if (slow === 'rename') await late;
            there.delete(from);
            there.add(to);
          },
          remove: async (path) => void there.delete(path),
        },
      );
      const create = files.create;
      files.create = async (path) => (there.add(path), create(path));
      const writer = createDirectoryRecordings({ dir: '/slow', logger: silentLogger, timers: time, files }).open(callId, 1);
      writer.write(sound(600, 1));
      const finished = writer.finish();
      await time.advance(5_000);
      expect(await finished).toBeNull();
      wake();
      await time.advance(0);
      expect([...there]).toEqual([]);
    },
  );
});
