import type { Call } from '@onhook/call';
import { eventId, type CallView } from '@onhook/contracts';
import type { Delivery, WebhookEndpoint } from '@onhook/store';
import { Webhook } from 'standardwebhooks';
import { callView } from '../call-view.js';

/** What is told of a call: by webhook and to live watchers. */
export interface CallMessage {
  readonly type: string;
  /** When it happened; `data` is the call as it is when this is sent. */
  readonly timestamp: string;
  /** A later event of the same call has a greater one. */
  readonly sequence: number;
  readonly data: CallView;
}

/** Receivers may refuse more: what users wrote themselves is left out then. */
const MOST_BYTES = 20_000;

/** `variables` and `metadata` are left out of a message that would be too large. */
export function callMessage({ type, at, sequence }: Pick<Delivery, 'type' | 'at' | 'sequence'>, call: Call): CallMessage {
  const message: CallMessage = { type, timestamp: new Date(at).toISOString(), sequence, data: callView(call) };
  if (Buffer.byteLength(JSON.stringify(message)) <= MOST_BYTES) return message;
  return { ...message, data: { ...message.data, variables: {}, metadata: {} } };
}

export interface SignedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The signature of the Standard Webhooks: by each secret that is in force, so that a receiver may change to the new one when it likes.
 *
 * @param id the same at every try, and at every endpoint
 * @param now milliseconds since the epoch, of this try: a receiver refuses what is older than some minutes
 */
export function signed(id: string, body: string, { secrets }: Pick<WebhookEndpoint, 'secrets'>, now: number): SignedMessage {
  const at = new Date(now);
  const inForce = secrets.filter(({ until }) => until === null || until > now);
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'onhook',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1_000)),
      'webhook-signature': inForce.map(({ secret }) => new Webhook(secret).sign(id, at, body)).join(' '),
    },
  };
}

export function signedCallMessage(delivery: Delivery, call: Call, endpoint: WebhookEndpoint, now: number): SignedMessage {
  return signed(eventId(delivery.callId, delivery.sequence), JSON.stringify(callMessage(delivery, call)), endpoint, now);
}
