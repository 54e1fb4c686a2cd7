/** An API key: `SK…` and its secret open the REST API like the auth token. It signs nothing. */
export interface ApiKey {
  sid: string;
  secret: string;
}

/** How calls and their documents run where Twilio's own behaviour is not known: nothing may rest on one of these. */
export interface CallHabits {
  /** Whether an update that interrupts a `<Connect>` has its `action` requested, as that of a `<Dial>` is. Default: no. */
  requestsInterruptedConnectAction?: boolean | undefined;
  /** What the `action` of a `<Connect>` is told: the `voice` parameters only (default), or the `stream`'s SID and name too. */
  connectActionParameters?: 'voice' | 'stream' | undefined;
  /** What a `<Connect>` does whose stream cannot be opened. Default: the document `goes-on`. */
  refusedStream?: 'goes-on' | 'ends-call' | undefined;
  /** How often a `<Say loop="0">` is said. Default `forever`. */
  sayLoopZero?: 'forever' | 'once' | undefined;
  /** Whether asynchronous machine detection takes one of the four tracks until its verdict. Default: no. */
  detectionTakesTrack?: boolean | undefined;
  /** Said to the callee before the first document, as others tell of trial accounts. Nothing if not given. */
  trialMessage?: string | undefined;
  /** No call is connected for longer, whatever its `TimeLimit` says; others say 600 of a trial account. No limit if not given. */
  maxCallSec?: number | undefined;
  /** Whether status callbacks carry `StirStatus`, and of a failed call `ErrorCode` and `ErrorMessage`. Default: no. */
  sendsErrorCodes?: boolean | undefined;
}

/** What an account is allowed, and how the carrier behaves where Twilio's own behaviour is not known. All optional. */
export interface AccountPolicy extends CallHabits {
  apiKeys?: readonly ApiKey[] | undefined;
  /** A second account that makes no calls, sends no callbacks and may do nothing but create. */
  testCredentials?: { accountSid: string; authToken: string } | undefined;
  /** Calls dialled per second; the rest waits. No limit if not given; a new account on Twilio has 1. */
  callsPerSecond?: number | undefined;
  /** A call that has waited this long is canceled. Default: 24 hours, as on Twilio. */
  queueExpiryMs?: number | undefined;
  /** Calls that are dialled, ringing or answered at the same time (Twilio error 10004). No limit if not given. */
  maxConcurrentCalls?: number | undefined;
  /** `fail` (default): accepted, then `failed`. `refuse`: the create is answered 400. */
  overConcurrency?: 'fail' | 'refuse' | undefined;
  /** REST requests at the same time (Twilio error 20429). No limit if not given. */
  maxConcurrentRequests?: number | undefined;
  /** What `Retry-After` of a 429 says. No such header if not given: only third parties tell of it. */
  retryAfterSec?: number | undefined;
  /** Fetches and lists show calls as they were this long ago. Default 0. */
  readLagMs?: number | undefined;
  /** Whether the record of a call that is not over may be deleted. Default: no, 409 with code 20009. */
  deletesLiveCalls?: boolean | undefined;
  /** What `answered_by` of the resource says: `documented` (default) only human or machine; `granular` the verdict itself. */
  answeredByDetail?: 'documented' | 'granular' | undefined;
}
