import type { AnsweredBy, CallId, CarrierCallId, CarrierStatus, E164 } from '@onhook/contracts';

/** Who connects to the telephone network. */
export interface Carrier {
  /**
   * Asks for one new leg, exactly once: no retry inside. `expired` is looked at in the tick in which the request leaves; true → `not-sent`.
   */
  placeCall(request: PlaceCall, expired: () => boolean): Promise<PlaceOutcome>;
  /** Asks the carrier to end a leg. No answer of this proves that it is over: `fetchCall` or a callback does. */
  hangUp(sid: CarrierCallId): Promise<HangUpOutcome>;
  /**
   * Takes an answered leg out of its conversation and connects it with somebody else. Its media stream closes when that begins.
   * Asked once: a second request would ring that phone twice.
   */
  redirect(sid: CarrierCallId, request: Redirect): Promise<RedirectOutcome>;
  fetchCall(sid: CarrierCallId): Promise<FetchOutcome>;
  /** Legs that may be ours, newest first. `complete` is false when pages were left out or failed. */
  listCalls(filter: LegFilter): Promise<ListOutcome>;
}

export interface LegFilter {
  readonly to?: E164;
  readonly from?: E164;
  /** Milliseconds since the epoch. */
  readonly createdAfter: number;
  readonly createdBefore?: number;
  /** Only legs that the carrier does not call over. */
  readonly live?: boolean;
}

export interface PlaceCall {
  readonly callId: CallId;
  readonly attempt: number;
  readonly to: E164;
  readonly from: E164;
  readonly ringTimeoutSec: number;
  /** The carrier ends the leg itself after this; at least 60. */
  readonly timeLimitSec: number;
  readonly statusCallbackUrl: string;
  readonly streamUrl: string;
  readonly streamToken: string;
  /** Find out who answers, beside the conversation, and tell it here. */
  readonly machineDetection?: { readonly callbackUrl: string };
}

export interface Redirect {
  readonly to: E164;
  /** Our own number, as the leg has it. */
  readonly from: E164;
  readonly ringTimeoutSec: number;
  /** How long the two may speak. */
  readonly limitSec: number;
  /** The leg's new own limit, from its answer: the carrier ends it itself after this. */
  readonly timeLimitSec: number;
  /** What becomes of the other leg. */
  readonly statusCallbackUrl: string;
  /** Asked for what comes after it. */
  readonly afterUrl: string;
}

export type RedirectOutcome =
  | { readonly outcome: 'asked' }
  /** Provably not carried out: refused, or not sent. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It may run. Never repeated. */
  | { readonly outcome: 'unclear'; readonly reason: string };

export type PlaceOutcome =
  | { readonly outcome: 'accepted'; readonly sid: CarrierCallId }
  /** The carrier said no; there is no leg. */
  | { readonly outcome: 'refused'; readonly code: number; readonly retryable: boolean }
  /** Provably not sent, or refused before it was looked at (429). Safe to try again. */
  | { readonly outcome: 'not-sent'; readonly retryInMs: number; readonly reason: string }
  /** Credentials or account are wrong: nothing was dialed and nothing will be until somebody mends it. */
  | { readonly outcome: 'misconfigured'; readonly code: number; readonly reason: string }
  /** There may be a leg. Never repeated. */
  | { readonly outcome: 'unclear'; readonly reason: string };

export type HangUpOutcome =
  | { readonly outcome: 'asked'; readonly status: CarrierStatus }
  /** Twilio error 21220 or 20404, which may mean that it is over, or a wrong SID: look. */
  | { readonly outcome: 'perhaps-over'; readonly code: number }
  | { readonly outcome: 'failed'; readonly reason: string; readonly retryInMs?: number };

export interface CarrierCall {
  readonly sid: CarrierCallId;
  readonly to: string;
  readonly from: string;
  readonly status: CarrierStatus;
  readonly direction: string;
  readonly parentSid: CarrierCallId | null;
  /** Milliseconds since the epoch; null until the carrier has stamped it. */
  readonly createdAt: number | null;
  readonly durationSec: number | null;
  readonly answeredBy: AnsweredBy | null;
}

export type FetchOutcome =
  | { readonly outcome: 'found'; readonly call: CarrierCall }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'failed'; readonly reason: string };

export type ListOutcome =
  | { readonly outcome: 'listed'; readonly calls: readonly CarrierCall[]; readonly complete: boolean }
  | { readonly outcome: 'failed'; readonly reason: string };

/** What comes from the carrier to us, and how we know that it is the carrier. */
export interface CarrierInbound {
  /** @param path path and query exactly as they arrived; the public base URL is pinned by configuration, never taken from headers */
  isGenuineCallback(request: {
    path: string;
    signature: string | undefined;
    form: Readonly<Record<string, string | string[]>>;
  }): boolean;
  isGenuineUpgrade(request: { path: string; signature: string | undefined }): boolean;
  /** Null: a form that is not a status callback of ours (missing or malformed SID or status, another account). */
  readStatusCallback(form: Readonly<Record<string, string | string[]>>): StatusCallback | null;
  /** Null: not a verdict of machine detection about a leg of ours. */
  readAnsweredBy(form: Readonly<Record<string, string | string[]>>): AnsweredByCallback | null;
  /** Null: does not say how a redirect of ours went. */
  readRedirectEnd(form: Readonly<Record<string, string | string[]>>): RedirectEnd | null;
  /** What the carrier shall do next with a leg: hang up, perhaps after words of its own voice. */
  hangUpDocument(words: { readonly text: string; readonly language: string } | null): CarrierDocument;
}

export interface AnsweredByCallback {
  readonly sid: CarrierCallId;
  readonly who: AnsweredBy;
}

export interface RedirectEnd {
  /** The leg that was redirected. */
  readonly sid: CarrierCallId;
  /** Somebody answered. */
  readonly reached: boolean;
  /** The carrier's word: `completed`, `busy`, `no-answer`, `failed`, `canceled`. */
  readonly status: string;
}

export interface CarrierDocument {
  readonly contentType: string;
  readonly body: string;
}

export interface StatusCallback {
  readonly sid: CarrierCallId;
  readonly status: CarrierStatus;
  readonly to: string;
  readonly from: string;
  readonly sequence: number | null;
  readonly sipCode: number | null;
  readonly durationSec: number | null;
  readonly answeredBy: AnsweredBy | null;
  readonly parentSid: CarrierCallId | null;
}
