import type { Archive } from '@onhook/archive';
import type { Call } from '@onhook/call';
import type { RecordingReader, RecordingRemover } from '@onhook/recordings';
import type { Logger } from '@onhook/service';
import type { Retention } from '@onhook/store';
import { loadFinished } from './load-finished.js';

export interface ForgetExpiredDeps {
  readonly retention: Pick<Retention, 'expired' | 'load' | 'forget' | 'backlog'>;
  /** Null: recordings go with their calls. */
  readonly archive: Pick<Archive, 'keepRecording'> | null;
  readonly recordings: Pick<RecordingReader, 'find'> & RecordingRemover;
  readonly logger: Logger;
  /** Counted from the end of the call. */
  readonly retentionMs: number;
}

const AT_ONCE = 64;
/** A copy of many long recordings takes its time; whoever dies leaves them to others after this. */
const HOLD_MS = 300_000;

/**
 * Moves the recordings of expired calls to the archive and removes all that is kept of them in Redis. A call that the archive does not
 * have as it is stays, however old it is.
 *
 * @returns whether there may be more
 */
export function createForgetExpired({
  retention,
  archive,
  recordings,
  logger,
  retentionMs,
}: ForgetExpiredDeps): () => Promise<boolean> {
  async function moveRecordings(call: Call): Promise<void> {
    if (archive && call.erasedAt === undefined) {
      for (const { n } of call.attempts) {
        const recording = await recordings.find(call.callId, n);
        if (recording) await archive.keepRecording(call, n, () => recording.read(0, recording.bytes));
      }
    }
    await recordings.remove(call.callId);
  }

  return async function forgetExpired() {
    const expired = await retention.expired({ retentionMs, limit: AT_ONCE, holdMs: HOLD_MS });
    let unarchived = 0;
    for (const one of expired) {
      const finished = await loadFinished(retention, one.callId);
      if (finished === 'left-alone') continue;
      if (finished && !finished.isArchived) {
        unarchived++;
        continue;
      }
      if (finished) await moveRecordings(finished.call);
      // If something came just now, it is archived once more, and forgotten the next time.
      await retention.forget(one, finished);
    }
    if (unarchived > 0) logger.error({ unarchived, backlog: await retention.backlog() }, 'expired calls wait for the archive');
    else if (expired.length > 0) logger.info({ calls: expired.length }, 'expired calls were forgotten');
    return expired.length >= AT_ONCE;
  };
}
