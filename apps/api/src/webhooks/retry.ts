const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long after each failed try the next one comes: ten tries in a little over three days (Standard Webhooks' example). */
export const RETRY_AFTER_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** Many that failed together do not come back together. */
const JITTER = 0.1;
const LONGEST_MS = RETRY_AFTER_MS.reduce((sum, ms) => sum + ms, 0) * (1 + JITTER);

export interface FailedTries {
  /** 1 or more. */
  readonly tries: number;
  /** When the first was due. */
  readonly since: number;
  readonly now: number;
  /** What the receiver asked for. */
  readonly retryAfterMs: number | null;
  /** A number in [0, 1). */
  readonly fraction: number;
}

/**
 * When to try again; null: given up. What has waited behind another of its line for longer than all tries take is given up after its
 * own first, so that a receiver that is gone for good keeps nothing for weeks. Pure.
 */
export function nextTryAt({ tries, since, now, retryAfterMs, fraction }: FailedTries): number | null {
  const usualMs = RETRY_AFTER_MS[tries - 1];
  if (usualMs === undefined) return null;
  const waitMs = Math.max(usualMs * (1 + JITTER * fraction), retryAfterMs ?? 0);
  return now + waitMs - since > LONGEST_MS ? null : Math.ceil(now + waitMs);
}

/** `Retry-After`: seconds, or a date. At most a day: nobody stops us for ever. Null: not said, or not understood. */
export function readRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  // `Date.parse` reads years into many things; HTTP dates name a day of the week.
  const date = /^[A-Z][a-z]{2}/.test(header) ? Date.parse(header) : Number.NaN;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * SECOND : date - nowMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, 24 * HOUR) : null;
}
