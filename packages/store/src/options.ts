export interface StoreOptions {
  /** An ended call is archived so long after its last change: facts that come late come mostly by then. */
  readonly archiveAfterMs: number;
  /** How long a repeated idempotency key finds its call; never longer than calls are kept (RETENTION of the hangup process). */
  readonly idempotencyMs: number;
  /** Media lease; renewed every third of it. */
  readonly leaseMs: number;
  /** How long the leg of an ended attempt is still known as ours: longer than any search for another attempt's leg goes on. */
  readonly endedSidMs: number;
  /** How long a webhook delivery, and what waits behind it, is kept after it was last touched: longer than all its tries take. */
  readonly deliveryLogMs: number;
  /** No-news events kept on a timeline; those beyond are counted only. */
  readonly keptNoNews: number;
}

export const DEFAULT_OPTIONS: StoreOptions = {
  archiveAfterMs: 30_000,
  idempotencyMs: 24 * 3_600_000,
  leaseMs: 6_000,
  endedSidMs: 3_600_000,
  deliveryLogMs: 7 * 24 * 3_600_000,
  keptNoNews: 50,
};

export function withDefaults(options: Partial<StoreOptions> | undefined): StoreOptions {
  return { ...DEFAULT_OPTIONS, ...options };
}
