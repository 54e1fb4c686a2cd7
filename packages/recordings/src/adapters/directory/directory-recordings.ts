import { WAV_HEADER_BYTES } from '@onhook/audio';
import type { CallId } from '@onhook/contracts';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { computePeaks, type Peaks } from '../../peaks.js';
import type { Recording, Recordings } from '../../port.js';
import { partPath, peaksPath, wavPath } from './names.js';
import { writeRecordingFile, type WritesRecordingFiles } from './recording-file.js';

export type DirectoryRecordings = WritesRecordingFiles;

/**
 * Recordings as files of one folder, which all machines share: a volume, or a network file system. Beside each that was looked at
 * stand its peaks; where the folder cannot be written to, they are computed each time.
 */
export function createDirectoryRecordings(options: DirectoryRecordings): Recordings {
  const { dir, logger } = options;

  async function find(callId: CallId, attempt: number): Promise<Recording | null> {
    const path = wavPath(dir, callId, attempt);
    const bytes = (await orNull(stat(path)))?.size ?? 0;
    if (bytes < WAV_HEADER_BYTES) return null;
    return {
      bytes,
      frames: Math.floor((bytes - WAV_HEADER_BYTES) / 2),
      read: (from, until) => (until > from ? createReadStream(path, { start: from, end: until - 1 }) : nothing()),
    };
  }

  async function peaks(callId: CallId, attempt: number): Promise<Peaks | null> {
    const path = peaksPath(dir, callId, attempt);
    const kept = await orNull(readFile(path, 'utf8'));
    if (kept !== null) return JSON.parse(kept) as Peaks;
    const recording = await find(callId, attempt);
    if (!recording) return null;
    const computed = await computePeaks(
      recording.read(WAV_HEADER_BYTES, WAV_HEADER_BYTES + recording.frames * 2),
      recording.frames,
    );
    // Renamed into place, so that nobody reads half of it.
    await writeFile(partPath(path), JSON.stringify(computed), { mode: 0o600 })
      .then(() => rename(partPath(path), path))
      .catch((error: unknown) => logger.warn({ err: error, callId, attempt }, 'peaks were not kept'));
    return computed;
  }

  async function remove(callId: CallId): Promise<number> {
    const mine = new RegExp(`^\\.?${callId}-\\d+\\.(wav|peaks\\.json)(\\.part)?$`);
    const names = ((await orNull(readdir(dir))) ?? []).filter((name) => mine.test(name));
    await Promise.all(names.map((name) => rm(join(dir, name), { force: true })));
    return names.filter((name) => name.endsWith('.wav')).length;
  }

  return { open: (callId, attempt) => writeRecordingFile(callId, attempt, options), find, peaks, remove };
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}
