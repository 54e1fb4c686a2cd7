/** In which state how many contacts of a campaign are: each in exactly one. */
export interface Ledger {
  readonly contacts: number;
  /** Not begun. */
  readonly pending: number;
  /** Waits for its next attempt. */
  readonly scheduled: number;
  /** Has a call that is to be dialed, is dialed, or is live. */
  readonly active: number;
  /** Its call is over, however it ended. */
  readonly done: number;
  /** Not called, by reason: `do-not-call`, `time-zone-unknown`, `expired` … */
  readonly skipped: Readonly<Record<string, number>>;
  readonly canceled: number;
}

export const CONTACT_STATES = ['pending', 'scheduled', 'active', 'done', 'skipped', 'canceled'] as const;
export type ContactState = (typeof CONTACT_STATES)[number];

export const EMPTY_LEDGER: Ledger = { contacts: 0, pending: 0, scheduled: 0, active: 0, done: 0, skipped: {}, canceled: 0 };

export function skippedOf({ skipped }: Ledger): number {
  return Object.values(skipped).reduce((sum, count) => sum + count, 0);
}

/** `contacts = pending + scheduled + active + done + skipped + canceled`, and nothing below zero. */
export function isBalanced(ledger: Ledger): boolean {
  const { contacts, pending, scheduled, active, done, canceled } = ledger;
  const parts = [pending, scheduled, active, done, canceled, ...Object.values(ledger.skipped)];
  return parts.every((part) => part >= 0) && parts.reduce((sum, part) => sum + part, 0) === contacts;
}

/** Nobody is left to be called. */
export function isFinished({ pending, scheduled, active }: Ledger): boolean {
  return pending + scheduled + active === 0;
}
