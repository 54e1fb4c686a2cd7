import { z } from 'zod';
import { readVersion } from './schema-version.js';
import { isCallId, isStreamSid, type CallId, type StreamSid } from './ids.js';
import { ANSWERED_BY } from './words.js';

const callId = z.custom<CallId>((value) => typeof value === 'string' && isCallId(value));
const streamSid = z.custom<StreamSid>((value) => typeof value === 'string' && isStreamSid(value));

/**
 * What a gateway is told over its own Redis stream. An order for a stream that the gateway does not hold is done
 * already. `say-and-end` names the call only: the words are read from the record, never carried by Redis streams.
 */
export const orderSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('close'), callId, streamSid }),
  z.strictObject({ type: z.literal('answered-by'), callId, streamSid, who: z.enum(ANSWERED_BY) }),
  z.strictObject({ type: z.literal('say-and-end'), callId, streamSid }),
]);
export type GatewayOrder = z.output<typeof orderSchema>;

/** `newer`: of a later release; `unknown`: of another shape. Neither is for this gateway. */
export type OrderRead =
  | { readonly outcome: 'order'; readonly order: GatewayOrder }
  | { readonly outcome: 'newer'; readonly schema: number }
  | { readonly outcome: 'unknown' };

export function readOrder(given: unknown): OrderRead {
  const unversioned = readVersion(given);
  if (unversioned.isNewer) return { outcome: 'newer', schema: unversioned.schema };
  const parsed = orderSchema.safeParse(unversioned.message);
  return parsed.success ? { outcome: 'order', order: parsed.data } : { outcome: 'unknown' };
}
