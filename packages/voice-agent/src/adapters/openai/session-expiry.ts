/** The provider's own limit; it gives no warning. */
const LONGEST_SESSION_MS = 60 * 60_000;
/** A session that would end sooner than this comes from a clock that is not ours. */
const SHORTEST_SESSION_MS = 60_000;

/** @param expiresAt as the provider tells it: a moment, in epoch milliseconds, by its own clock */
export function expiresInMs(expiresAt: number | null, nowMs: number): number {
  const given = expiresAt === null ? LONGEST_SESSION_MS : expiresAt - nowMs;
  return given < SHORTEST_SESSION_MS ? LONGEST_SESSION_MS : Math.min(given, LONGEST_SESSION_MS);
}
