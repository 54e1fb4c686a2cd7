import type { CarrierStatus } from '@onhook/contracts';

/** Who or what ended a leg, as the carrier knows it. */
export type Ender = 'callee' | 'ring-timeout' | 'line' | 'rest' | 'document' | 'time-limit';

interface Base {
  readonly at: number;
}

/** What the carrier did and was asked, append-only. The judge reads this and believes nothing else about legs. */
export type LedgerEntry =
  | (Base & {
      readonly type: 'create-request';
      readonly process: string;
      readonly callId: string;
      readonly attempt: number;
      readonly to: string;
      readonly from: string;
      readonly timeLimitSec: number;
      readonly ringTimeoutSec: number;
      /** Null: no leg came of it. */
      readonly sid: string | null;
      /** What the one who asked could know: `refused` and `not-processed` are clear, `lost` is not. */
      readonly answer: 'created' | 'refused' | 'not-processed' | 'lost';
    })
  | (Base & { readonly type: 'status'; readonly sid: string; readonly status: CarrierStatus; readonly by: Ender | null })
  | (Base & {
      readonly type: 'update-request';
      readonly process: string;
      readonly sid: string;
      readonly what: 'complete' | 'redirect';
      readonly carriedOut: boolean;
    })
  | (Base & { readonly type: 'stream-opened'; readonly sid: string; readonly streamSid: string; readonly process: string })
  | (Base & { readonly type: 'stream-failed'; readonly sid: string; readonly why: string })
  | (Base & {
      readonly type: 'stream-closed';
      readonly sid: string;
      readonly streamSid: string;
      readonly by: 'us' | 'carrier' | 'broken';
      readonly sentMs: number;
      readonly playedMs: number;
      readonly clearedMs: number;
      /** When the last queued audio was, or would have been, played. */
      readonly playedUntil: number;
    })
  | (Base & { readonly type: 'transfer-joined'; readonly sid: string; readonly limitSec: number })
  | (Base & { readonly type: 'transfer-bridged'; readonly sid: string })
  | (Base & { readonly type: 'transfer-ended'; readonly sid: string })
  /** Somebody who is not the carrier's stream of that leg tried to get in. */
  | (Base & { readonly type: 'intruder'; readonly sid: string });

export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  write(entry: LedgerEntry extends infer E ? (E extends LedgerEntry ? Omit<E, 'at'> : never) : never): void;
}

export function createLedger(now: () => number): Ledger {
  const entries: LedgerEntry[] = [];
  return {
    entries,
    write: (entry) => void entries.push({ at: now(), ...entry } as LedgerEntry),
  };
}
