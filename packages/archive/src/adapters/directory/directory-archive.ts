import type { CallId } from '@onhook/contracts';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dayOf, headOf, lineOf, recordingPlace, tombstoneOf } from '../../places.js';
import type { Archive, ArchivedLine, ArchiveEntry } from '../../port.js';
import { linesOf } from './lines.js';

const NEWLINE = 0x0a;
/** People's numbers and words: for this user only. */
const MODE = 0o600;

/**
 * `<dir>/2026-11-22.ndjson` and `<dir>/recordings/2026-11-22/<call id>-<attempt>.wav`. Several processes may write to the same folder: lines
 * are appended whole, and erasing overwrites a line where it stands, so that nobody ever moves what another one writes.
 */
export function createDirectoryArchive({ dir }: { dir: string }): Archive {
  const fileOf = (day: string): string => join(dir, `${day}.ndjson`);

  async function days(): Promise<string[]> {
    const names = (await orNull(readdir(dir))) ?? [];
    return names.flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.ndjson$/.exec(name)?.[1] ?? []).toSorted();
  }

  async function append(entries: readonly ArchiveEntry[]): Promise<void> {
    const lines = new Map<string, string>();
    for (const entry of entries) {
      const day = dayOf(entry.createdAt);
      lines.set(day, `${lines.get(day) ?? ''}${lineOf(entry)}\n`);
    }
    for (const [day, ofDay] of lines) await inNewFolder(fileOf(day), (path) => writeLines(path, ofDay));
  }

  async function erase(callId: CallId, createdAt: number | null): Promise<boolean> {
    let found = false;
    for (const day of createdAt === null ? (await days()).toReversed() : [dayOf(createdAt)]) {
      if (await eraseLines(fileOf(day), callId)) found = true;
      await removeRecordings(join(dir, 'recordings', day), callId);
    }
    return found;
  }

  async function* read(day: string): AsyncIterable<ArchivedLine> {
    const file = await orNull(open(fileOf(day), 'r'));
    if (!file) return;
    try {
      const last = new Map<string, number>();
      for await (const { from, text } of linesOf(file)) {
        const line = parsed(text);
        if (line) last.set(line.callId, from);
      }
      for await (const { from, text } of linesOf(file)) {
        const line = parsed(text);
        if (line && last.get(line.callId) === from) yield line;
      }
    } finally {
      await file.close();
    }
  }

  return {
    append,
    erase,
    read,
    days,
    async keepRecording(call, attempt, wav) {
      const path = join(dir, recordingPlace(call, attempt));
      if (await orNull(stat(path))) return;
      await inNewFolder(path, (whole) => writeWhole(whole, wav()));
    },
  };
}

async function writeLines(path: string, lines: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, MODE);
  try {
    // Whoever wrote before may have died, or met a full disk, in the middle of a line.
    const text = (await endsWithin(file)) ? lines : `\n${lines}`;
    const bytes = Buffer.from(text);
    // One write, so that no line of another process comes between.
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) throw Object.assign(new Error('the disk took a part only'), { code: 'ENOSPC' });
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function endsWithin(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === NEWLINE;
}

async function eraseLines(path: string, callId: CallId): Promise<boolean> {
  const file = await orNull(open(path, 'r+'));
  if (!file) return false;
  try {
    let found = false;
    for await (const { from, text } of linesOf(file)) {
      if (!text.startsWith(headOf(callId))) continue;
      found = true;
      const tombstone = tombstoneOf(callId);
      const bytes = Buffer.byteLength(text);
      if (text.trimEnd() === tombstone) continue;
      // As long as the line: nothing behind it moves. The torn beginning of one may be too short to say anything.
      await file.write(Buffer.from((bytes < tombstone.length ? '' : tombstone).padEnd(bytes)), 0, bytes, from);
    }
    if (found) await file.datasync();
    return found;
  } finally {
    await file.close();
  }
}

async function removeRecordings(folder: string, callId: CallId): Promise<void> {
  const mine = ((await orNull(readdir(folder))) ?? []).filter((name) => name.startsWith(`${callId}-`));
  await Promise.all(mine.map((name) => rm(join(folder, name), { force: true })));
}

async function writeWhole(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', MODE);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

/** A file that nobody can find after a power cut would not be durable. */
async function inNewFolder(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const isNew = !(await orNull(stat(path)));
  if (isNew) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await write(path);
  if (!isNew) return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parsed(text: string): ArchivedLine | null {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as ArchivedLine;
  } catch {
    // The torn line of a writer that died; it has been written again behind.
    return null;
  }
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
