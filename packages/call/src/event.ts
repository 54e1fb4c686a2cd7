import type {
  AnsweredBy,
  CarrierCallId,
  CarrierStatus,
  Cause,
  E164,
  GatewayId,
  Goodbye,
  Layer,
  Party,
  StreamSid,
} from '@onhook/contracts';
import type { Call, Measured } from './call.js';

/** Where an event came from; on the timeline for people, and for `endedBy`. */
export type EventSource = 'api' | 'dialer' | 'gateway' | 'hangup' | 'watchdog' | 'reconciler' | 'callback';

export type CallEventBody =
  | { readonly type: 'deadline-passed'; readonly deadline: number }
  | { readonly type: 'held'; readonly until: number; readonly reason: string }
  /** `claim`: drawn anew for each try. Only who knows it can take this dial back without having seen its commit. */
  | {
      readonly type: 'dial-started';
      readonly n: number;
      readonly from: E164;
      readonly claim?: string;
      readonly microsPerMinute?: number;
    }
  /**
   * `dial`: `call.dials` as the commit of `dial-started` returned it. Without it the event is believed only while no dial of this
   * call was ever taken back. `claim`: that of the dial; needed by who never heard whether its commit succeeded.
   */
  | {
      readonly type: 'not-sent';
      readonly n: number;
      readonly dial?: number;
      readonly claim?: string;
      readonly retryAt: number;
      readonly reason: string;
    }
  | { readonly type: 'refused'; readonly n: number; readonly code: number; readonly retryable: boolean }
  /** `from`: what was asked for, in case the record has lost the dial. */
  | { readonly type: 'accepted'; readonly n: number; readonly sid: CarrierCallId; readonly from?: E164 }
  | { readonly type: 'unclear'; readonly n: number; readonly reason: string; readonly from?: E164 }
  | {
      readonly type: 'carrier';
      readonly n: number;
      readonly sid: CarrierCallId;
      readonly status: CarrierStatus;
      readonly via: 'callback' | 'look' | 'stray';
      readonly from?: E164;
      readonly sipCode?: number;
      readonly durationSec?: number;
      readonly priceMicroUsd?: number;
      /** Which layer's act this end followed, if the one who asks the carrier knows (the hangup worker's own round). */
      readonly endedBy?: Layer;
    }
  | { readonly type: 'not-found'; readonly n: number }
  | {
      readonly type: 'stream-started';
      readonly n: number;
      readonly sid: CarrierCallId;
      readonly streamSid: StreamSid;
      readonly gatewayId: GatewayId;
    }
  | {
      readonly type: 'media-closed';
      readonly streamSid: StreamSid;
      readonly why: 'stop' | 'lost' | 'we';
      readonly cause?: Cause;
      readonly by?: Party;
      /** We closed by our own fuse, before any order came. */ readonly fuse?: boolean;
      /** We closed because the end could not be asked for (Redis was away), and asked the carrier ourselves. */
      readonly direct?: boolean;
    }
  | { readonly type: 'owner-lost'; readonly streamSid: StreamSid }
  | { readonly type: 'answered-by'; readonly n: number; readonly sid: CarrierCallId; readonly who: AnsweredBy }
  /**
   * `n`: only that attempt, if given; a gateway always means its own attempt and should name it. Without `n` the whole call: no
   * next attempt. `words`: last words for the agent to say; kept in the record only, never on the timeline. */
  | {
      readonly type: 'end-asked';
      readonly cause: Cause;
      readonly by: Party;
      readonly n?: number;
      readonly words?: string;
      readonly goodbye?: Goodbye;
      /** Only while the call waits: once it is being dialed this is no news. */
      readonly ifWaiting?: boolean;
    }
  | { readonly type: 'transfer-asked'; readonly streamSid: StreamSid; readonly targetId: string }
  /** `certain`: the redirect provably does not run. Else its answer was lost, and it may still. */
  | { readonly type: 'transfer-failed'; readonly streamSid: StreamSid; readonly certain?: boolean }
  | { readonly type: 'transfer-joined'; readonly n: number }
  /** The child leg is over, or there never was one. `reached`: somebody answered it. */
  | { readonly type: 'transfer-ended'; readonly n: number; readonly reached: boolean }
  | { readonly type: 'settled'; readonly n: number }
  /** Facts for the record that move nothing: the goodbye's outcome, a finished recording, how long the callee had to wait. */
  | {
      readonly type: 'noted';
      readonly n: number;
      readonly goodbye?: Goodbye;
      readonly recordingMs?: number;
      readonly measured?: Measured;
    }
  /**
   * What a call that waits is about, and when it is dialed; what is not given stays. `notBefore` (Redis milliseconds) in the past: now.
   * Neither variables nor metadata stand on the timeline.
   */
  | {
      readonly type: 'amended';
      readonly notBefore?: number;
      readonly latestAt?: number;
      readonly variables?: Call['variables'];
      readonly metadata?: Call['metadata'];
    }
  /** Whom it was about is to be forgotten. `to`: what stands in place of the number, and cannot be turned back into it. */
  | { readonly type: 'erased'; readonly to: string };

export type EventType = CallEventBody['type'];
/** `at` is Redis TIME, read together with the record. */
export type CallEvent = CallEventBody & { readonly at: number; readonly source: EventSource };
export type EventOf<T extends EventType> = Extract<CallEvent, { type: T }>;
/** What callers hand to `apply`: the store adds `at`. */
export type NewCallEvent = CallEventBody & { readonly source: EventSource };
