import type { LedgerWriter } from '../ledger.js';
import { bytesPerMs } from './telephone-audio.js';

/** What went through one stream, in sum: the ledger is told at its end, not of each frame. */
export interface StreamAccount {
  sentFrames: number;
  droppedFrames: number;
  messages: number;
  receivedBytes: number;
  playedBytes: number;
  clearedBytes: number;
  unplayedBytes: number;
}

export function newStreamAccount(): StreamAccount {
  return { sentFrames: 0, droppedFrames: 0, messages: 0, receivedBytes: 0, playedBytes: 0, clearedBytes: 0, unplayedBytes: 0 };
}

export function writeAccount(ledger: LedgerWriter, streamSid: string, sum: StreamAccount, end: Record<string, unknown>): void {
  const receivedMs = sum.receivedBytes / bytesPerMs;
  if (sum.messages > 0) ledger.write('media-received', { streamSid, messages: sum.messages, ms: receivedMs });
  ledger.write('stream-closed', {
    streamSid,
    ...end,
    sentFrames: sum.sentFrames,
    droppedFrames: sum.droppedFrames,
    receivedMs,
    playedMs: sum.playedBytes / bytesPerMs,
    clearedMs: sum.clearedBytes / bytesPerMs,
    unplayedMs: sum.unplayedBytes / bytesPerMs,
  });
}
