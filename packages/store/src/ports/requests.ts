/** Requests to the API that were answered once and may come again. Creating a call needs none of this: its commit holds the key. */
export interface KeptAnswers {
  /**
   * Whoever is told `new` does the work, then says `keep` or `forget`. Until then, at most `runsMs`, others are told `running`.
   *
   * @param run names this try; the same one may begin again
   */
  begin(request: KeyedRequest, run: string): Promise<BegunRequest>;
  /** For 24 h. Nothing if the work took longer than `runsMs` and somebody else began it anew. */
  keep(request: KeyedRequest, run: string, answer: string): Promise<void>;
  /** The work was not done: it may be tried again. */
  forget(request: KeyedRequest, run: string): Promise<void>;
}

export interface KeyedRequest {
  readonly account: string;
  /** The client's own. */
  readonly key: string;
  /** A hash of the route and of everything that was asked for. */
  readonly fingerprint: string;
}

export type BegunRequest =
  | { readonly outcome: 'new' | 'running' | 'conflict' }
  | { readonly outcome: 'done'; readonly answer: string };

/** How many requests an API key may make, counted over all processes of the API. */
export interface Quotas {
  /** Takes up to `want` of the `limit` requests of the running minute. */
  take(keyId: string, want: number, limit: number): Promise<TakenQuota>;
}

export interface TakenQuota {
  readonly taken: number;
  /** Left for others to take. */
  readonly left: number;
  /** Until the next minute begins. */
  readonly resetsInMs: number;
}

export const ANSWER_KEPT_MS = 24 * 3_600_000;
/** Longer than any request takes. */
export const ANSWER_RUNS_MS = 60_000;
export const QUOTA_WINDOW_MS = 60_000;
