import type { Timers } from '@onhook/service';
import type { FaultTable, Occasion } from '../faults.js';
import type { LedgerWriter } from '../ledger.js';
import type { MediaStream } from './media-stream.js';

const refusals = [
  ['stream-dns', 31902, 'ENOTFOUND'],
  ['stream-tls', 31910, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['stream-timeout', 31901, 'no answer to the upgrade'],
] as const;

/**
 * `late`: so many milliseconds, and all that follows behind it. `isStamped`: it came late to the carrier already (jitter of the
 * telephone network), and its timestamp shows it; otherwise it was held up on the way to the server, and its timestamp is as ever.
 */
export type FrameFault = 'drop' | { lateMs: number; isStamped: boolean };

/** What goes wrong with one media stream. */
export interface StreamFaults {
  /** Instead of a stream that is tried: one that cannot be opened. */
  failed(given: { streamSid: string; url: string; ledger: LedgerWriter; timers: Timers }): MediaStream | undefined;
  losesMark(): boolean;
  frameFault(): FrameFault | undefined;
  /** The stream is open: what will cut it off is set to do so. */
  await(stream: MediaStream, told: { ledger: LedgerWriter; timers: Timers }): void;
}

export function createStreamFaults(faults: FaultTable, occasion: Occasion): StreamFaults {
  return {
    failed(given) {
      for (const [kind, errorCode, why] of refusals) {
        const struck = faults.strikes(kind, occasion);
        if (struck) return failedStream({ ...given, errorCode, why, afterMs: kind === 'stream-timeout' ? struck.delayMs : 0 });
      }
      return undefined;
    },
    losesMark: () => faults.strikes('mark-lost', occasion) !== undefined,
    frameFault() {
      if (faults.strikes('media-loss', occasion)) return 'drop';
      const stall = faults.strikes('media-stall', occasion);
      if (stall) return { lateMs: stall.delayMs, isStamped: false };
      const jitter = faults.strikes('media-jitter', occasion);
      return jitter && { lateMs: jitter.delayMs, isStamped: true };
    },
    await(stream, { ledger, timers }) {
      const lose = (how: 'cut' | 'half-open') => (): void => {
        ledger.write('stream-lost', { streamSid: stream.streamSid, how });
        stream.lose(how);
      };
      const cut = faults.strikes('stream-cut', occasion);
      if (cut) timers.after(cut.delayMs, lose('cut'));
      const halfOpen = faults.strikes('stream-half-open', occasion);
      if (halfOpen) timers.after(halfOpen.delayMs, lose('half-open'));
    },
  };
}

/** A stream of which the carrier reports that it could not be opened. Nobody was asked. */
function failedStream({
  streamSid,
  url,
  errorCode,
  why,
  afterMs,
  ledger,
  timers,
}: {
  streamSid: string;
  url: string;
  errorCode: number;
  why: string;
  afterMs: number;
  ledger: LedgerWriter;
  timers: Timers;
}): MediaStream {
  const impatience = new AbortController();
  const over = timers.sleep(afterMs, impatience.signal).then(() => {
    ledger.write('stream-refused', { streamSid, url, errorCode, why });
  });
  return {
    streamSid,
    opened: over.then(() => ({ ok: false, errorCode, why })),
    closed: over.then(() => ({ by: 'never-opened', errorCode })),
    pass: () => undefined,
    cut: () => undefined,
    stop: () => impatience.abort(),
    dtmf: () => undefined,
    tell: () => undefined,
    lose: () => impatience.abort(),
  };
}
