import { z } from 'zod';
import type { Clock } from '@onhook/service';
import type { Dice, Fraction } from './dice.js';
import type { LedgerWriter } from './ledger.js';
import { fitsNumber, numberPattern } from './number-pattern.js';

/** What may go wrong, and where the simulator looks it up. A new fault is one line here and one `strikes` where it happens. */
export const faultKinds = {
  'create-429': 'a create is answered 429 / 20429 and was not carried out',
  'create-5xx-before': 'a create is answered 500 and was not carried out',
  'create-5xx-after': 'a create is carried out and answered 500',
  'create-drop-after': 'a create is carried out and its connection is cut without an answer',
  'create-slow-after': 'a create is carried out and answered `delayMs` later',
  'create-answer-last': 'a create is answered when its first callback has been, or after `delayMs`',
  'update-5xx': 'an update is answered 503 and was not carried out',
  'update-5xx-after': 'an update is carried out and answered 500',
  'update-drop-after': 'an update is carried out and its connection is cut without an answer',
  'update-slow-after': 'an update is carried out and answered `delayMs` later',
  'callback-lost': 'a callback is never sent',
  'callback-twice': 'a callback is sent twice',
  'callback-late': 'a callback is sent `delayMs` later',
  'callback-reordered': 'a callback is held back until the next one of its call was answered, or for `delayMs`',
  'webhook-dns': 'the host of a webhook or of a document has no address',
  'webhook-tls': 'the certificate of a webhook or of a document is not trusted',
  'list-away': 'a list is answered 503',
  'list-lag': 'a list shows the calls as they were `delayMs` ago',
  'fetch-away': 'a fetch is answered 503',
  'fetch-lag': 'a fetch shows the call as it was `delayMs` ago',
  'rest-away': 'every REST connection is cut',
  'rest-429': 'a REST request is answered 429 / 20429 and was not carried out',
  'rest-bad-gateway': 'a REST request is answered 502 with an HTML page, and was not carried out',
  'rest-slow': 'a REST request is carried out `delayMs` later',
  'rest-half-open': 'a REST request is never answered, its connection stays open; it was not carried out',
  'rest-garbled': 'a REST connection answers with bytes that are no HTTP, as a broken TLS terminator does',
  'mark-lost': 'the echo of a mark is never sent',
  'stream-refused': 'a media stream is not even tried: the carrier reports 31902',
  'stream-dns': 'the host of a media stream has no address: 31902',
  'stream-tls': 'the certificate of a media stream is not trusted: 31910',
  'stream-timeout': 'a media stream cannot be opened in time: 31901',
  'stream-cut': 'an open media stream loses its connection, `delayMs` after it opened',
  'stream-half-open': 'an open media stream falls silent both ways, `delayMs` after it opened; its connection stays',
  'media-stall': 'no frames for `delayMs`, then all of them at once; asked every 20 ms',
  'media-jitter': 'a frame comes `delayMs` (60 if not given) late, those behind it wait; asked every 20 ms',
  'media-loss': 'a frame is never sent; asked every 20 ms',
} as const;

export type FaultKind = keyof typeof faultKinds;

export const faultSchema = z.strictObject({
  kind: z.enum(Object.keys(faultKinds) as [FaultKind, ...FaultKind[]]),
  /** Strikes this often, then is over. With neither `count` nor `probability` nor `lastsMs`: once. */
  count: z.number().int().min(1).max(1_000_000).optional(),
  /** Of each occasion; 1 if not given. */
  probability: z.number().min(0).max(1).optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  /** Only calls to this number, or to numbers of this pattern. What is of no one call it does not touch. */
  to: numberPattern.optional(),
  /** An outage: begins so long after it was set, at once if not given, … */
  startsInMs: z.number().int().min(0).max(86_400_000).optional(),
  /** … and is over so long after it began. */
  lastsMs: z.number().int().min(1).max(86_400_000).optional(),
});

export type Fault = z.output<typeof faultSchema>;

/** Whose call it is that may be struck. */
export interface Occasion {
  to?: string | undefined;
  callSid?: string | undefined;
  /** One of many that are asked for together: only what names numbers strikes it. */
  isOneOfMany?: boolean | undefined;
}

export interface FaultTable {
  set(fault: Fault): void;
  /** All, or those of one kind. */
  clear(kind?: string): void;
  /** Replaces what an earlier scenario for the same numbers has set. */
  setForScenario(to: string, faults: readonly Omit<Fault, 'to'>[]): void;
  list(): Fault[];
  /** Says whether the fault strikes now, and uses it up. `delayMs` is 2 000 if it was not given. */
  strikes(kind: FaultKind, occasion?: Occasion): { delayMs: number } | undefined;
}

interface Entry {
  fault: Fault;
  left: number;
  fromMs: number;
  untilMs: number;
  scenario?: string;
}

/** Which occasions are struck depends on the seed alone: on the how manyth of its kind an occasion is for its number. */
export function createFaultTable({ dice, clock, ledger }: { dice: Dice; clock: Clock; ledger: LedgerWriter }): FaultTable {
  let entries: Entry[] = [];
  const draws = new Map<string, Fraction>();

  function drawFor(kind: FaultKind, to: string): number {
    const name = `fault ${kind} ${to}`;
    const draw = draws.get(name) ?? dice.of(name);
    draws.set(name, draw);
    return draw();
  }

  function add(fault: Fault, scenario?: string): void {
    const once = fault.probability === undefined && fault.lastsMs === undefined;
    const fromMs = clock.monotonicMs() + (fault.startsInMs ?? 0);
    entries.push({
      fault,
      left: fault.count ?? (once ? 1 : Number.POSITIVE_INFINITY),
      fromMs,
      untilMs: fault.lastsMs === undefined ? Number.POSITIVE_INFINITY : fromMs + fault.lastsMs,
      ...(scenario !== undefined && { scenario }),
    });
    ledger.write('fault-set', { fault });
  }

  function dropOver(): void {
    if (entries.some((entry) => clock.monotonicMs() >= entry.untilMs))
      entries = entries.filter((entry) => clock.monotonicMs() < entry.untilMs);
  }

  return {
    set: (fault) => add(fault),

    clear(kind) {
      entries = kind === undefined ? [] : entries.filter(({ fault }) => fault.kind !== kind);
      ledger.write('fault-cleared', { fault: kind ?? 'all' });
    },

    setForScenario(to, faults) {
      entries = entries.filter(({ scenario }) => scenario !== to);
      for (const fault of faults) add({ ...fault, to }, to);
    },

    list() {
      dropOver();
      return entries.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, count: left } : fault));
    },

    strikes(kind, { to, callSid, isOneOfMany = false } = {}) {
      // Asked for every frame and mark: nearly always there is nothing.
      if (entries.length === 0) return undefined;
      dropOver();
      const nowMs = clock.monotonicMs();
      const found = entries.find(
        ({ fault, fromMs }) =>
          fault.kind === kind &&
          nowMs >= fromMs &&
          (fault.to === undefined ? !isOneOfMany : to !== undefined && fitsNumber(fault.to, to)) &&
          (fault.probability === undefined || drawFor(kind, to ?? '') < fault.probability),
      );
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) entries = entries.filter((entry) => entry !== found);
      ledger.write('fault-struck', { fault: kind, ...(callSid !== undefined && { callSid }) });
      return { delayMs: found.fault.delayMs ?? (kind === 'media-jitter' ? 60 : 2_000) };
    },
  };
}
