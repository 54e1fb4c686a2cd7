import type { Draw } from './draw.js';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';

/** One thing that went wrong, as it really happened. */
export interface FaultHit {
  readonly kind: FaultKind;
  readonly at: number;
  /** When it was over; a stroke is over at once. */
  readonly until: number;
  /** The process that it met, by name; null: the world. */
  readonly process: string | null;
  readonly callId: string | null;
  readonly sid: string | null;
}

/** What may go wrong at this moment, and the log of what did. */
export interface Weather {
  /** Does it happen now? Drawn by the present rate; if so it is in the log. */
  strikes(kind: FaultKind, whom?: { process?: string; callId?: string; sid?: string }): boolean;
  /** From now on, so often (0 to 1). */
  setRate(kind: FaultKind, rate: number): void;
  rate(kind: FaultKind): number;
  /** A fault that lasts. */
  begins(kind: FaultKind, untilMs: number, process?: string): void;
  calm(): void;
  readonly hits: readonly FaultHit[];
}

export function createWeather({ draw, now }: { draw: Draw; now: () => number }): Weather {
  const rates = new Map<FaultKind, number>();
  const hits: FaultHit[] = [];

  function log(kind: FaultKind, until: number, { process = null, callId = null, sid = null }: Partial<FaultHit>): void {
    hits.push({ kind, at: now(), until, process, callId, sid });
  }

  return {
    strikes(kind, whom = {}) {
      const rate = rates.get(kind) ?? 0;
      if (rate === 0 || !draw.happens(rate)) return false;
      log(kind, now(), whom);
      return true;
    },
    setRate: (kind, rate) => void rates.set(kind, rate),
    rate: (kind) => rates.get(kind) ?? 0,
    begins: (kind, until, process) => log(kind, until, process === undefined ? {} : { process }),
    calm() {
      for (const kind of FAULT_KINDS) rates.set(kind, 0);
    },
    hits,
  };
}
