/** When a session that will be ended by its provider is replaced. Pure. */
export interface SessionRenewal {
  /**
   * `beside`: open another one now and change over when it is ready and nobody speaks. `at-once`: the time for that is over,
   * a short pause is better than being cut off in mid-word.
   */
  look(facts: { readonly atMs: number; readonly isQuiet: boolean; readonly isOpening: boolean }): 'beside' | 'at-once' | null;
}

/** From here on a quiet moment is used … */
const FIRST_TRY_BEFORE_MS = 5 * 60_000;
/** … and from here on any. */
const LAST_TRY_BEFORE_MS = 30_000;
/** A session that lasts minutes only: the same in shares of its life. */
const FIRST_TRY_AT_SHARE = 0.8;
const LAST_TRY_AT_SHARE = 0.95;
/** Between one that came ready when somebody had begun to speak, and the next. */
const PAUSE_MS = 10_000;

/** @param expiresInMs of the session's life, from `readyAtMs`; null: it does not end by itself */
export function createSessionRenewal(readyAtMs: number, expiresInMs: number | null): SessionRenewal {
  if (expiresInMs === null) return { look: () => null };
  const firstAt = readyAtMs + Math.max(expiresInMs - FIRST_TRY_BEFORE_MS, expiresInMs * FIRST_TRY_AT_SHARE);
  const lastAt = readyAtMs + Math.max(expiresInMs - LAST_TRY_BEFORE_MS, expiresInMs * LAST_TRY_AT_SHARE);
  let triedAt = -Infinity;
  return {
    look({ atMs, isQuiet, isOpening }) {
      if (atMs < firstAt) return null;
      if (atMs >= lastAt) return 'at-once';
      if (!isQuiet || isOpening || atMs - triedAt < PAUSE_MS) return null;
      triedAt = atMs;
      return 'beside';
    },
  };
}
