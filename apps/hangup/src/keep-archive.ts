import type { Archive, ArchiveEntry } from '@onhook/archive';
import type { CallId } from '@onhook/contracts';
import type { RecordingReader, RecordingRemover } from '@onhook/recordings';
import type { Logger } from '@onhook/service';
import type { FinishedCall, Retention, Transcripts, Vault } from '@onhook/store';
import { archiveLine } from './archive-line.js';
import { loadFinished } from './load-finished.js';

export interface KeepArchiveDeps {
  readonly retention: Pick<Retention, 'toArchive' | 'load' | 'archived'>;
  /** Null: there is none, and calls expire without it. */
  readonly archive: Pick<Archive, 'append' | 'erase'> | null;
  readonly recordings: Pick<RecordingReader, 'find'> & RecordingRemover;
  readonly transcripts: Pick<Transcripts, 'remove'>;
  readonly vault: Vault;
  readonly logger: Logger;
}

/** At once: one write and one sync for all of them. */
const AT_ONCE = 64;
/** Whoever dies with some leaves them to others after this. */
const HOLD_MS = 30_000;
/** A gateway that could not reach Redis, or its disk, may still bring words and sound for so long after the end; twice that. */
const LATE_MS = 300_000;

/**
 * Takes ended calls into the archive as they are now, and takes out of it, and of all else, what was erased. All of it may be done twice.
 *
 * @returns whether there may be more
 */
export function createKeepArchive(deps: KeepArchiveDeps): () => Promise<boolean> {
  const { retention, archive, recordings, transcripts, vault, logger } = deps;

  return async function keepArchive() {
    const callIds = await retention.toArchive({ limit: AT_ONCE, holdMs: HOLD_MS });
    const kept: { finished: FinishedCall; entry: ArchiveEntry }[] = [];
    for (const callId of callIds) {
      const found = await loadFinished(retention, callId);
      if (found === 'left-alone') continue;
      if (found === null) await retention.archived(callId, '');
      else if (found.call.erasedAt === undefined || (await wasErasedForGood(found))) {
        kept.push({ finished: found, entry: archiveLine(found, await recordedOf(found), vault) });
      }
    }
    if (kept.length > 0) await archive?.append(kept.map(({ entry }) => entry));
    for (const { finished } of kept) await mark(finished.call.callId, finished.mark);
    return callIds.length >= AT_ONCE;
  };

  async function mark(callId: CallId, name: string): Promise<void> {
    // Changed meanwhile: that commit has put it in line again.
    if (!(await retention.archived(callId, name))) logger.debug({ callId }, 'call changed while it was archived');
  }

  async function recordedOf({ call }: FinishedCall): Promise<number[]> {
    const attempts = call.attempts.filter(({ bridgedAt }) => bridgedAt !== null).map(({ n }) => n);
    const found = await Promise.all(attempts.map(async (n) => ((await recordings.find(call.callId, n)) ? n : null)));
    return found.filter((n) => n !== null);
  }

  /** Each time it comes up, until nobody can bring anything more. What is left is archived then. */
  async function wasErasedForGood({ call, now }: FinishedCall): Promise<boolean> {
    const { callId, createdAt, erasedAt = now } = call;
    await transcripts.remove(callId);
    const files = await recordings.remove(callId);
    const hadLine = (await archive?.erase(callId, createdAt)) ?? false;
    if (files > 0 || hadLine) logger.info({ callId, files, hadLine }, 'what was left of an erased call was removed');
    return now - erasedAt >= LATE_MS;
  }
}
