import type { CallId, CarrierCallId, GatewayId, GatewayOrder, Wake } from '@onhook/contracts';

/** What a transition asks for. Wakes and orders may be lost (the deadline repeats them); the two others belong to the committer alone. */
export type Effect =
  | Wake
  | { readonly type: 'order'; readonly gatewayId: GatewayId; readonly order: GatewayOrder }
  /** Only for the process whose commit this is, never re-issued. */
  | { readonly type: 'place-call'; readonly callId: CallId; readonly n: number }
  /** Only for the process whose commit this is, never re-issued. */
  | { readonly type: 'redirect'; readonly callId: CallId; readonly sid: CarrierCallId; readonly targetId: string }
  /** For the log and the alarms: something that should not happen did. */
  | { readonly type: 'alarm'; readonly callId: CallId; readonly what: string };

/** What an event did to the call. `refused` only for a `stream-started` that is not accepted. */
export type Verdict = 'moved' | 'noted' | 'no-news' | 'refused';
