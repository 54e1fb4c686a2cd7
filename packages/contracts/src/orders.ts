import { z } from 'zod';
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
