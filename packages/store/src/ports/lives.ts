import type { CallId } from '@onhook/contracts';

/** Tells whether the store may have lost its last commits: after a restart, or when a replica took over. */
export interface StoreLives {
  /** Of the server that holds this call, as it is now. */
  of(callId: CallId): Promise<StoreLife>;
}

export interface StoreLife {
  /** Another one at each start of a server, and on each server: Redis' `run_id`. */
  readonly id: string;
  /** When this server began, Redis milliseconds, never early, up to two seconds late. Null: it took over from another, and nobody says when. */
  readonly beganAt: number | null;
  /** Redis milliseconds. */
  readonly now: number;
}
