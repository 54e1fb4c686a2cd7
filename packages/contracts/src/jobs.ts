import { z } from 'zod';
import { type CallId, type CarrierCallId, CARRIER_CALL_ID, isCallId } from './ids.js';
import { isEndpointId, type EndpointId } from './webhook-ids.js';

/** One kind of job: the queue that carries it and the payload that it may have. Payloads never carry numbers or speech. */
export interface JobType<Payload> {
  readonly queue: string;
  readonly payload: z.ZodType<Payload>;
}

const callId = z.custom<CallId>((value) => typeof value === 'string' && isCallId(value), 'is not a call id');
const endpointId = z.custom<EndpointId>((value) => typeof value === 'string' && isEndpointId(value), 'is not an endpoint id');
const sid = z.custom<CarrierCallId>((value) => typeof value === 'string' && CARRIER_CALL_ID.test(value), 'is not a Call SID');

/** Dial what is due for this call: admission, then at most one `POST /Calls`. */
export const dialJob = { queue: 'dial', payload: z.strictObject({ callId }) } satisfies JobType<{ callId: CallId }>;

/** The end_call event on its way to the hangup worker: tend this call, or look after a stray leg. */
export const hangupJob = {
  queue: 'hangup',
  payload: z.union([z.strictObject({ callId }), z.strictObject({ sid })]),
} satisfies JobType<{ callId: CallId } | { sid: CarrierCallId }>;

/** Something of this call waits for this webhook endpoint: deliver what is due, in order. */
export const webhookJob = {
  queue: 'webhooks',
  payload: z.strictObject({ callId, endpointId }),
} satisfies JobType<{ callId: CallId; endpointId: EndpointId }>;

export type DialPayload = z.output<typeof dialJob.payload>;
export type HangupPayload = z.output<typeof hangupJob.payload>;
export type WebhookPayload = z.output<typeof webhookJob.payload>;
