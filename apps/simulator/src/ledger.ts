import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Logger, Timer, Timers } from '@onhook/service';

/** What a room of the simulator may do with the ledger: add to it. */
export interface LedgerWriter {
  write(kind: string, facts: Record<string, unknown>): void;
}

/** One line of the ledger. Facts are spread beside these; `callSid`, and `callId` / `attempt` if the caller labelled the call. */
export interface LedgerEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Wall time, milliseconds since the epoch. */
  readonly at: number;
  /** The simulator's monotonic time in milliseconds: the one to subtract. */
  readonly mono: number;
  readonly kind: string;
  readonly callSid?: string;
  readonly callId?: string;
  readonly attempt?: string;
  readonly [fact: string]: unknown;
}

export interface LedgerFilter {
  /** A Call SID, or the caller's own label (`callId`). */
  call?: string | undefined;
  /** One kind, or several with commas between. */
  kind?: string | undefined;
  /** Only entries with a larger `seq`. */
  since?: number | undefined;
}

export interface Ledger extends LedgerWriter {
  entries(filter?: LedgerFilter): LedgerEntry[];
  /** Hears every entry from now on, in order. Returns how to stop. */
  subscribe(onEntry: (entry: LedgerEntry) => void): () => void;
  close(): Promise<void>;
}

const gatherMs = 20;

/**
 * The ground truth of a run: append-only, in memory and (with `dir`) as `ledger.ndjson` there. Nothing edits or removes
 * an entry. A ledger that cannot be written is worse than no simulator, so a disk error is given to `onBroken`.
 */
export function createLedger({
  clock,
  logger,
  dir,
  timers,
  onBroken,
}: {
  clock: Clock;
  logger: Logger;
  dir?: string | undefined;
  /** With them the file is written to once in 20 ms at most: each write takes a tenth of a millisecond from the media. */
  timers?: Pick<Timers, 'after'> | undefined;
  onBroken?: ((error: Error) => void) | undefined;
}): Ledger {
  const all: LedgerEntry[] = [];
  const readers = new Set<(entry: LedgerEntry) => void>();
  let file: WriteStream | undefined;
  /** Lines that have not been given to the file. */
  let gathered = '';
  let gathering: Timer | undefined;
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    file = createWriteStream(join(dir, 'ledger.ndjson'), { flags: 'a' });
    file.on('error', (error) => {
      logger.error({ err: error }, 'ledger could not be written');
      onBroken?.(error);
    });
  }

  function putDown(): void {
    gathering?.cancel();
    gathering = undefined;
    if (gathered !== '') file?.write(gathered);
    gathered = '';
  }

  return {
    write(kind, facts) {
      const stamp = { seq: all.length + 1, at: clock.now(), mono: clock.monotonicMs(), kind };
      // First for the eye, last for the truth: no fact may overwrite the stamp.
      const entry: LedgerEntry = { ...stamp, ...facts, ...stamp };
      all.push(entry);
      if (file) {
        gathered += `${JSON.stringify(entry)}\n`;
        if (timers) gathering ??= timers.after(gatherMs, putDown);
        else putDown();
      }
      for (const reader of readers) reader(entry);
    },

    entries(filter = {}) {
      return all.slice(Math.max(0, filter.since ?? 0)).filter(fitsFilter(filter));
    },

    subscribe(onEntry) {
      readers.add(onEntry);
      return () => void readers.delete(onEntry);
    },

    close() {
      putDown();
      return new Promise((resolve) => {
        if (!file || file.destroyed) return resolve();
        file.once('close', () => resolve());
        file.end();
      });
    },
  };
}

/** Whether an entry is one of those that were asked for; `since` is not looked at. */
export function fitsFilter({ call, kind }: LedgerFilter): (entry: LedgerEntry) => boolean {
  const kinds = kind === undefined ? undefined : new Set(kind.split(','));
  return (entry) =>
    (call === undefined || entry.callSid === call || entry.callId === call) && (kinds === undefined || kinds.has(entry.kind));
}
