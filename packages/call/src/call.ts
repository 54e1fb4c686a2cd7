import type {
  AnsweredBy,
  CallId,
  CampaignId,
  CarrierCallId,
  CarrierStatus,
  Cause,
  Disposition,
  E164,
  GatewayId,
  Goodbye,
  Layer,
  Party,
  StreamSid,
} from '@onhook/contracts';

/** Copied into the record when the call is created, so that a transition needs nothing but the record and the event. */
export interface Policy {
  readonly ringTimeoutSec: number;
  readonly maxDurationSec: number;
  readonly transferLimitSec: number;
  /** Not dialed after this moment (Redis milliseconds). */
  readonly latestAt: number | null;
  readonly redial: RedialPolicy;
  /** What a machine that answers meets. A fax machine is hung up on, unless the policy is to go on. */
  readonly voicemail: VoicemailPolicy;
  /** What follows if the carrier cannot tell who answered; absent: as `continue`. */
  readonly unknownAnswer?: VoicemailPolicy;
  /** The carrier is asked to find out who answers. */
  readonly detectsMachines?: boolean;
}

type VoicemailPolicy = 'hang-up' | 'continue' | 'leave-message';

export interface RedialPolicy {
  /** 1 = never redial. */
  readonly maxAttempts: number;
  readonly on: readonly ('no-answer' | 'busy' | 'failed' | 'voicemail')[];
  readonly delaySec: number;
  readonly backoff: 'fixed' | 'exponential';
  readonly maxDelaySec: number;
}

/** One dial of the call, made by `dial-started`. */
export interface Attempt {
  readonly n: number;
  /** `UNKNOWN_NUMBER` only if the record was behind and nobody said (R2). */
  readonly from: E164;
  readonly dialedAt: number;
  /** Of the dialer that began it; null where none was given. */
  readonly claim: string | null;
  /** What admission counts a minute of it for, millionths. Absent: nobody said. */
  readonly microsPerMinute?: number;
  readonly sid: CarrierCallId | null;
  /** The carrier's last word for the bound SID; a terminal one is the only proof that the leg is over. */
  readonly carrierStatus: CarrierStatus | null;
  readonly answeredAt: number | null;
  readonly bridgedAt: number | null;
  /** A redirect may run, or have run, and may have raised the carrier's own time limit. Null again once it certainly did not. */
  readonly transferAskedAt: number | null;
  /** Null while the attempt lives. */
  readonly over: AttemptEnd | null;
}

/** How an attempt ended, or a call that ended without one. */
export interface AttemptEnd {
  readonly at: number;
  readonly disposition: Disposition;
  readonly cause: Cause;
  readonly by: Party;
  readonly endedBy: Layer;
  /** False when no word of the carrier proves the end: never redialed, leases kept until they expire. */
  readonly proven: boolean;
  /** The carrier's own code: `Twilio error 21211`, SIP 486. */
  readonly code: number | null;
  /** What of this is not known but concluded: the gateway that held this stream may still say better, once. */
  readonly concluded?: Concluded;
}

export interface Concluded {
  readonly streamSid: StreamSid;
  /** `cause` and `by` are what the carrier's word, or a lease that ran out, suggests: nobody of ours had said why. */
  readonly cause: boolean;
  /** `endedBy` is who was expected to act; nobody who did has said so. */
  readonly layer: boolean;
}

/** How long the callee had to wait, by the gateway's clock. */
export interface Measured {
  /** From the answer to the first audio that was sent. Null: there was none. */
  readonly answerToFirstAudioMs: number | null;
  /** For each answer of the agent, in order: from the end of the callee's speech to its first audio. At most 200. */
  readonly turnLatencyMs: readonly number[];
}

/** The contact of a campaign that a call is for. */
export interface CampaignContact {
  readonly id: CampaignId;
  /** `block:index`. */
  readonly contact: string;
  /** How often the contact was taken up again after it was done. */
  readonly round: number;
  /** IANA time zones in one of which the callee is: called only when the campaign's window is open in all of them. */
  readonly zones: readonly string[];
}

/** What stays the same through a call's life, and what may be added to it at any time. */
export interface CallFacts {
  readonly callId: CallId;
  /** The carrier account; all that admission decides lives in its slot. */
  readonly account: string;
  readonly createdAt: number;
  readonly to: E164;
  /** The caller id that was asked for; null lets admission choose. */
  readonly from: E164 | null;
  readonly agentId: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  /** An address that is told of this call's events, beside the webhook endpoints. */
  readonly webhookUrl?: string;
  readonly policy: Policy;
  /** The call that this one was asked for to take up again. */
  readonly retryOf?: CallId;
  /** Absent: it was asked for by itself. */
  readonly campaign?: CampaignContact;
  readonly attempts: readonly Attempt[];
  /**
   * How often `dialing` was entered: more than `attempts.length` if a request was provably not sent. Names one dial exactly, so
   * that a repeated `not-sent` of an earlier dial with the same `n` cannot take back a later one.
   */
  readonly dials: number;
  /** The end of a call that was canceled or expired while it waited, that is outside of any attempt. */
  readonly end: AttemptEnd | null;
  /** This and the facts below are those of the last attempt. */
  readonly answeredBy: AnsweredBy | null;
  readonly goodbye: Goodbye | null;
  /** Set by the gateway when its file is complete. */
  readonly recording: { readonly durationMs: number } | null;
  /** Set by the gateway when the conversation is over. Absent: written before there was such a fact. */
  readonly measured?: Measured | null;
  /** Since when nothing personal is left. Absent: it is all there. */
  readonly erasedAt?: number;
  /** Facts that came after the end: duration, price (micro-USD), SIP code. */
  readonly late: { readonly durationSec?: number; readonly priceMicroUsd?: number; readonly sipCode?: number };
}

/** Whom the gateway's seat belongs to: the gateway, and the stream that fences its events. */
export interface Owner {
  readonly gatewayId: GatewayId;
  readonly streamSid: StreamSid;
}

/** The moment (Redis milliseconds) at which the watchdog looks at this call if nothing else has happened. */
type Deadline = number;

export type Pending =
  | { readonly kind: 'none' }
  | { readonly kind: 'transfer'; readonly targetId: string }
  | { readonly kind: 'words'; readonly words: string; readonly cause: Cause; readonly by: Party };

export type Phase =
  | { readonly state: 'scheduled'; readonly deadline: Deadline; readonly notBefore: number; readonly waitReason: string | null }
  | { readonly state: 'queued'; readonly deadline: Deadline; readonly wakes: number }
  | { readonly state: 'dialing'; readonly deadline: Deadline }
  | { readonly state: 'unconfirmed'; readonly deadline: Deadline; readonly looks: number }
  | { readonly state: 'placed'; readonly deadline: Deadline; readonly asked: boolean }
  | { readonly state: 'ringing'; readonly deadline: Deadline }
  | { readonly state: 'answered'; readonly deadline: Deadline }
  | { readonly state: 'bridged'; readonly deadline: Deadline; readonly owner: Owner; readonly pending: Pending }
  | {
      readonly state: 'transferred';
      readonly deadline: Deadline;
      readonly targetId: string;
      /** The carrier has said that nobody could be reached. */
      readonly isUnreached?: boolean;
    }
  | {
      readonly state: 'ending';
      readonly deadline: Deadline;
      readonly cause: Cause;
      readonly by: Party;
      /** The layer that noticed: becomes `endedBy` if its act is what the carrier's end followed. */
      readonly trigger: Layer;
      readonly askedAt: number;
      readonly owner: Owner | null;
      readonly rounds: number;
      /** The end of the whole call was asked for, not only of this attempt: no next one. */
      readonly canceled: boolean;
    }
  | {
      readonly state: 'settling';
      readonly deadline: Deadline;
      readonly owner: Owner | null;
      readonly rounds: number;
      readonly canceled: boolean;
    }
  | { readonly state: 'ended'; readonly deadline: null; readonly endedAt: number };

export type Call = CallFacts & Phase;
export type CallIn<S extends Call['state']> = Extract<Call, { state: S }>;
