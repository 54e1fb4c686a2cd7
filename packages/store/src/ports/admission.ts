import type { CallId, E164 } from '@onhook/contracts';

/** May this attempt be dialed now? Until part 4 the only adapter grants up to a configured concurrency. */
export interface Admission {
  ask(request: AdmissionRequest): Promise<Admitted>;
  /** Frees the lease of this attempt. Repeating it changes nothing. */
  release(account: string, callId: CallId, n: number): Promise<void>;
}

export interface AdmissionRequest {
  readonly account: string;
  readonly callId: CallId;
  readonly n: number;
  readonly to: E164;
  /** Asked-for caller id, or null: admission chooses. */
  readonly from: E164 | null;
  /** The lease lasts until the carrier itself must have ended the call. */
  readonly leaseMs: number;
}

export type Admitted =
  | { readonly verdict: 'granted'; readonly from: E164 }
  /** The call's own reason, which passes by itself. */
  | { readonly verdict: 'held'; readonly until: number; readonly reason: string }
  /** The whole account waits: the worker holds the queue. */
  | { readonly verdict: 'account-waits'; readonly retryInMs: number; readonly reason: string };
