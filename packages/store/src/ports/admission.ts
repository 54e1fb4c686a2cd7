import type { CallId, Cause, Destination, E164, GatewayId, Party, WaitReason } from '@onhook/contracts';

/** May this attempt be dialed now, and from which number? All of it is decided, and taken, in one step per carrier account. */
export interface Admission extends Places {
  /**
   * Grants take a place among the calls in flight, the destination's fence, the next free moment of the calls-per-second limits and
   * what the call may cost at most. Asking again for the same attempt returns the same grant and takes nothing twice; whatever
   * forbids it meanwhile (kill switch, do-not-call, campaign, window) takes the place back.
   */
  ask(request: AdmissionRequest): Promise<Admitted>;
}

/** What granted attempts hold, until they are settled or the carrier itself must have ended the call. */
export interface Places {
  /**
   * Gives the place of this attempt back. Repeating it changes nothing.
   *
   * @param used billed minutes, which count against the budgets; `not-dialed` if the request was never sent: then the
   * attempt does not count for its number either
   * @param askedUs if given, only a place that nobody has asked for since: a process that slept must not give back another's
   */
  release(account: string, callId: CallId, n: number, used: number | 'not-dialed', askedUs?: number): Promise<void>;
  /** Who holds a place, the one that runs out soonest first. */
  places(account: string): Promise<Place[]>;
  /**
   * Takes a place for an attempt that is under way and has none (Redis had forgotten it), whatever the limits say.
   *
   * @returns as `askedUs`, null: it has one, or its time is over
   */
  restore(lost: LostPlace): Promise<number | null>;
}

export interface AdmissionRequest {
  readonly account: string;
  readonly callId: CallId;
  readonly n: number;
  readonly to: E164;
  readonly destination: Destination;
  /** The only number to call from, or null: admission chooses. */
  readonly from: E164 | null;
  /** The numbers to choose from, where they are fewer than the account's (a campaign's own). */
  readonly fromNumbers?: readonly E164[];
  /** The same callee is always called from the same number, else the least busy one is taken, in turn. */
  readonly sticky?: boolean;
  /** The place is held until the carrier itself must have ended the call. */
  readonly leaseMs: number;
  /** What the carrier may bill at most: held back from the budgets while the call is under way. */
  readonly mostMinutes: number;
  readonly campaign?: { readonly id: string; readonly revision: number } | null;
  /** Half-open, Redis milliseconds: the interval of the calling window that is open or opens next. */
  readonly window?: CallingInterval | null;
  /** Where its conversation may take place; one of them is chosen, and a seat there taken. Absent: it needs none. */
  readonly gateways?: readonly SeatOffer[];
}

export interface SeatOffer {
  readonly gatewayId: GatewayId;
  readonly seats: number;
  /** Conversations by the gateway's own count: more than are known here if places were lost. */
  readonly live: number;
}

export interface CallingInterval {
  readonly opensAt: number;
  readonly closesAt: number;
}

export type Admitted =
  | {
      readonly verdict: 'granted';
      readonly from: E164;
      /** Its turn comes in so many milliseconds: wait, then ask again. 0: dial now. */
      readonly inMs: number;
      /** The moment of its turn, Redis microseconds. No two grants of one calls-per-second limit are closer than it allows. */
      readonly turnUs: number;
      /** When this grant was asked for, Redis microseconds: the name by which it is given back undialed. */
      readonly askedUs: number;
      /** What a minute counts for, in millionths: to be kept with the attempt, in case Redis loses the place. */
      readonly microsPerMinute: number;
      /** Null: none was wanted. */
      readonly gatewayId: GatewayId | null;
    }
  /** Never to be dialed. */
  | { readonly verdict: 'refused'; readonly cause: Cause; readonly by: Party }
  /** The call's own reason, which passes by itself. */
  | { readonly verdict: 'held'; readonly until: number; readonly reason: WaitReason }
  /** The whole account waits: the worker holds the queue. */
  | { readonly verdict: 'account-waits'; readonly retryInMs: number; readonly reason: WaitReason };

export interface Place {
  readonly callId: CallId;
  readonly n: number;
  /** Redis milliseconds. */
  readonly grantedAt: number;
  readonly expiresAt: number;
  /** Redis microseconds. */
  readonly askedUs: number;
}

export interface LostPlace {
  readonly account: string;
  readonly callId: CallId;
  readonly n: number;
  readonly to: E164;
  readonly from: E164;
  readonly campaignId: string | null;
  readonly mostMinutes: number;
  /** As it was granted; null: nobody knows, and the operators' price for all countries counts. */
  readonly microsPerMinute: number | null;
  /** Null: its stream has not come yet. */
  readonly gatewayId: GatewayId | null;
  /** Redis milliseconds. Nothing is taken if they have passed. */
  readonly expiresAt: number;
}
