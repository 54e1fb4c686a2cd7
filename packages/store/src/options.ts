export interface StoreOptions {
  /** An ended call and its timeline expire this long after its end. */
  readonly retentionMs: number;
  /** How long a repeated idempotency key finds its call; never longer than `retentionMs`. */
  readonly idempotencyMs: number;
  /** Media lease; renewed every third of it. */
  readonly leaseMs: number;
  /** How long the leg of an ended attempt is still known as ours: longer than any search for another attempt's leg goes on. */
  readonly endedSidMs: number;
  /** No-news events kept on a timeline; those beyond are counted only. */
  readonly keptNoNews: number;
}

export const DEFAULT_OPTIONS: StoreOptions = {
  retentionMs: 30 * 24 * 3_600_000,
  idempotencyMs: 24 * 3_600_000,
  leaseMs: 6_000,
  endedSidMs: 3_600_000,
  keptNoNews: 50,
};

/** An idempotency record that outlived its call would point nowhere. */
export function withDefaults(options: Partial<StoreOptions> | undefined): StoreOptions {
  const all = { ...DEFAULT_OPTIONS, ...options };
  return { ...all, idempotencyMs: Math.min(all.idempotencyMs, all.retentionMs) };
}
