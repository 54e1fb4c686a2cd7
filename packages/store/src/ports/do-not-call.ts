import type { E164 } from '@onhook/contracts';

/** Numbers that are never dialed. Admission refuses them in the same step in which it would grant a dial. */
export interface DoNotCallList {
  /** Those that are on the list already stay as they are. @returns how many were new */
  add(account: string, entries: readonly DoNotCallAddition[]): Promise<number>;
  /** @returns how many were on the list */
  remove(account: string, numbers: readonly E164[]): Promise<number>;
  find(account: string, number: E164): Promise<DoNotCallEntry | null>;
  /**
   * In no order; what stays on the list from the first page to the last is on one of them.
   *
   * @param limit about how many: some more may come
   * @throws BadCursor
   */
  page(
    account: string,
    page: { limit: number; cursor: string | null },
  ): Promise<{ entries: DoNotCallEntry[]; nextCursor: string | null }>;
  /** After DATA_KEY has changed: names and seals every entry anew. Safe to repeat. @returns how many were brought up to date */
  adopt(account: string): Promise<number>;
}

export interface DoNotCallAddition {
  readonly number: E164;
  /** Who asked for it, or where it came from. */
  readonly note?: string | null;
}

export interface DoNotCallEntry {
  readonly number: E164;
  /** Redis milliseconds. */
  readonly since: number;
  readonly note: string | null;
}
