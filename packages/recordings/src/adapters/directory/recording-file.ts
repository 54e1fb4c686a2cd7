import { muLawWavHeader } from '@onhook/audio';
import type { CallId } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';
import type { RecordingWriter } from '../../port.js';
import { partPath, wavPath } from './names.js';
import { nodeFiles, type RecordingFile, type RecordingFiles } from './recording-files.js';

export interface WritesRecordingFiles {
  readonly dir: string;
  readonly logger: Logger;
  readonly timers: Pick<Timers, 'after'>;
  readonly files?: RecordingFiles;
  /** What may wait for a slow disk, per call: 1 MB is a minute of both sides. */
  readonly maxQueuedBytes?: number;
  /** How long the end of a call waits for the rest to be written. */
  readonly finishWithinMs?: number;
}

/**
 * `<dir>/<callId>-<attempt>.wav`, which appears complete or not at all: it is written under another name (`.part`), which is what a
 * crash leaves behind. Complete means: all that the disk took. After a disk that failed in mid-call it is the part before, as long as
 * `finish` says; after one that was too slow to be waited for there is none.
 */
export function writeRecordingFile(
  callId: CallId,
  attempt: number,
  { dir, logger, timers, files = nodeFiles, maxQueuedBytes = 1_048_576, finishWithinMs = 5_000 }: WritesRecordingFiles,
): RecordingWriter {
  const path = wavPath(dir, callId, attempt);
  const part = partPath(path);
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let frames = 0;
  let failed = false;
  /** `finish` has said that there is none: a file that shows up later would belong to nobody. */
  let isLate = false;
  let refused = false;
  let file: RecordingFile | null = null;
  let working: Promise<void> | null = null;

  /** One writer at a time; it ends when the queue is empty or the disk has failed. */
  function work(): void {
    working ??= drain()
      .catch(fail)
      .finally(() => (working = null));
  }

  async function drain(): Promise<void> {
    if (!file) {
      await files.makeDirectory(dir);
      file = await files.create(part);
      await file.write(muLawWavHeader({ channels: 2, frames: 0 }));
    }
    for (let next = queue[0]; next && !failed; next = queue[0]) {
      await file.write(next);
      queue.shift();
      queuedBytes -= next.length;
      frames += next.length / 2;
    }
  }

  function fail(error: unknown): void {
    if (!failed) logger.error({ err: error, callId, attempt }, 'recording failed');
    failed = true;
    queue.length = 0;
    queuedBytes = 0;
  }

  async function complete(): Promise<{ frames: number } | null> {
    while (working) await working;
    if (!file) return null;
    try {
      if (frames > 0) await file.write(muLawWavHeader({ channels: 2, frames }), 0);
    } finally {
      await file.close();
    }
    if (frames === 0 || isLate) {
      await files.remove(part);
      return null;
    }
    await files.rename(part, path);
    if (!isLate) return { frames };
    await files.remove(path);
    return null;
  }

  return {
    write(chunk) {
      if (failed) return false;
      if (queuedBytes + chunk.length > maxQueuedBytes) {
        if (!refused) logger.warn({ callId, attempt, queuedBytes }, 'recording fell behind: the disk is slow');
        refused = true;
        return false;
      }
      queue.push(chunk);
      queuedBytes += chunk.length;
      work();
      return true;
    },
    async finish() {
      const ready = complete().catch((error: unknown) => (fail(error), null));
      const limit = new Promise<null>((resolve) => {
        const timer = timers.after(finishWithinMs, () => {
          logger.error({ callId, attempt, queuedBytes }, 'recording was not finished in time');
          failed = true;
          isLate = true;
          resolve(null);
        });
        void ready.then(() => timer.cancel());
      });
      return Promise.race([ready, limit]);
    },
  };
}
