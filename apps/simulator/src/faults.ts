import { z } from 'zod';
import type { Chance } from '@onhook/service';
import type { LedgerWriter } from './ledger.js';

/** What may go wrong, and where the simulator looks it up. A new fault is one line here and one `strikes` where it happens. */
export const faultKinds = {
  'create-429': 'a create is answered 429 / 20429 and was not carried out',
  'create-5xx-before': 'a create is answered 500 and was not carried out',
  'create-5xx-after': 'a create is carried out and answered 500',
  'create-drop-after': 'a create is carried out and its connection is cut without an answer',
  'create-slow-after': 'a create is carried out and answered `delayMs` later',
  'update-5xx': 'an update is answered 500 and was not carried out',
  'update-drop-after': 'an update is carried out and its connection is cut without an answer',
  'callback-lost': 'a callback is never sent',
  'callback-twice': 'a callback is sent twice',
  'callback-late': 'a callback is sent `delayMs` later',
  'list-away': 'a list is answered 503',
  'fetch-away': 'a fetch is answered 503',
  'rest-away': 'every REST connection is cut',
  'mark-lost': 'the echo of a mark is never sent',
  'stream-refused': 'a media stream is not even tried: the carrier reports 31902',
  'stream-cut': 'an open media stream loses its connection, `delayMs` after it opened',
} as const;

export type FaultKind = keyof typeof faultKinds;

export const faultSchema = z.strictObject({
  kind: z.enum(Object.keys(faultKinds) as [FaultKind, ...FaultKind[]]),
  /** Strikes this often, then is over. With neither `count` nor `probability`: once. */
  count: z.number().int().min(1).max(1_000_000).optional(),
  /** Of each occasion; 1 if not given. */
  probability: z.number().min(0).max(1).optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
});

export type Fault = z.output<typeof faultSchema>;

export interface FaultTable {
  set(fault: Fault): void;
  /** All, or those of one kind. */
  clear(kind?: string): void;
  list(): Fault[];
  /** Says whether the fault strikes now, and uses it up. `delayMs` is 2 000 if it was not given. */
  strikes(kind: FaultKind): { delayMs: number } | undefined;
}

export function createFaultTable({ chance, ledger }: { chance: Chance; ledger: LedgerWriter }): FaultTable {
  let faults: { fault: Fault; left: number }[] = [];

  return {
    set(fault) {
      const left = fault.count ?? (fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY);
      faults.push({ fault, left });
      ledger.write('fault-set', { fault });
    },

    clear(kind) {
      faults = kind === undefined ? [] : faults.filter(({ fault }) => fault.kind !== kind);
      ledger.write('fault-cleared', { fault: kind ?? 'all' });
    },

    list: () => faults.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, count: left } : fault)),

    strikes(kind) {
      const found = faults.find((entry) => entry.fault.kind === kind);
      if (!found || chance.fraction() >= (found.fault.probability ?? 1)) return undefined;
      found.left -= 1;
      if (found.left <= 0) faults = faults.filter((entry) => entry !== found);
      ledger.write('fault-struck', { fault: kind });
      return { delayMs: found.fault.delayMs ?? 2_000 };
    },
  };
}
