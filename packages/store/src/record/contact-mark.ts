import type { ContactMark, ContactRef, ContactStep } from '../ports/campaigns.js';

/**
 * A mark has 12 bytes: 0 how far it is · 1 how it is over: 1 done, 2 skipped, 3 canceled · 2 code of the reason, 0 = none · 3 round ·
 * 4 attempts · 5 was answered · 6–9 ended at, seconds · 10–11 duration, seconds. A contact that has not begun has none; one that was
 * taken up again has its round alone, and in byte 1 how often the campaign had been closed by then.
 */
export const MARK_BYTES = 12;
export const OVER = 255;
const MOST_ATTEMPTS = 126;
const OVER_STATES = ['done', 'skipped', 'canceled'] as const;

/** Byte 0: 0 pending, 2n − 1 in attempt n, 2n after it. Goes up only, until a new round. */
export function orderOf({ state, attempts }: Pick<ContactStep, 'state' | 'attempts'>): number {
  const n = Math.min(Math.max(1, attempts), MOST_ATTEMPTS);
  if (state === 'active') return 2 * n - 1;
  return state === 'scheduled' ? 2 * n : OVER;
}

/** Byte 1. */
export function kindOf(state: ContactStep['state']): number {
  return OVER_STATES.findIndex((over) => over === state) + 1;
}

/** What else a step writes. */
export function stepFields({ attempts, wasAnswered, endedAt, durationSec }: ContactStep): [number, number, number, number] {
  return [
    Math.min(attempts, 255),
    wasAnswered ? 1 : 0,
    endedAt === null ? 0 : Math.floor(endedAt / 1_000),
    Math.min(Math.round(durationSec ?? 0), 65_535),
  ];
}

export interface MarkReading {
  readonly marks: Buffer | null;
  readonly index: number;
  readonly reasons: ReadonlyMap<number, string>;
  readonly block: number;
  readonly zones: readonly string[];
  /** The closings of the campaign, oldest first: `<blocks by then>:<why>,…`. */
  readonly closed: string;
}

export function readMark({ marks, index, reasons, block, zones, closed }: MarkReading): ContactMark {
  const at = index * MARK_BYTES;
  const mark = marks?.subarray(at, at + MARK_BYTES);
  const order = mark?.[0] ?? 0;
  if (!mark || order === 0)
    return {
      ...unbegunOf(block, zones, closed, mark?.[1] ?? 0),
      attempts: 0,
      round: mark?.[3] ?? 0,
      wasAnswered: false,
      endedAt: null,
      durationSec: null,
    };
  const endedAt = mark.readUInt32BE(6);
  return {
    state: order === OVER ? OVER_STATES[mark[1]! - 1]! : order % 2 === 1 ? 'active' : 'scheduled',
    reason: reasons.get(mark[2]!) ?? null,
    round: mark[3]!,
    attempts: mark[4]!,
    wasAnswered: mark[5] === 1,
    endedAt: endedAt === 0 ? null : endedAt * 1_000,
    durationSec: endedAt === 0 ? null : mark.readUInt16BE(10),
  };
}

/** Under way: it has a call, and that is not over. */
export function isOpen(order: number): boolean {
  return order > 0 && order < OVER;
}

export function refOf(block: number, index: number): ContactRef {
  return `${block}:${index}`;
}

export function parseRef(ref: ContactRef): { block: number; index: number } {
  const [block, index] = ref.split(':').map(Number);
  return { block: block ?? 0, index: index ?? 0 };
}

/** `block:first:last`. */
export function parseBatch(batch: string): { block: number; first: number; last: number } {
  const [block, first, last] = batch.split(':').map(Number);
  return { block: block ?? 0, first: first ?? 0, last: last ?? 0 };
}

/** A contact that has not begun: it waits, unless nobody knows its zone or its campaign was closed after it came. */
function unbegunOf(
  block: number,
  zones: readonly string[],
  closed: string,
  earlierClosings: number,
): { state: 'pending' | 'skipped' | 'canceled'; reason: string | null } {
  if (zones.length === 0) return { state: 'skipped', reason: 'time-zone-unknown' };
  const why = closed
    .split(',')
    .slice(earlierClosings)
    .map((entry) => entry.split(':'))
    .find(([blocks]) => block < Number(blocks))?.[1];
  if (why === undefined) return { state: 'pending', reason: null };
  return why === 'canceled' ? { state: 'canceled', reason: null } : { state: 'skipped', reason: why };
}
