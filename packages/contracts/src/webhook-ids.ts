import { TypeID } from 'typeid-js';
import { isCallId, type CallId } from './ids.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `wh_01k…`: an address that is told of events. */
export type EndpointId = Branded<'EndpointId'>;
/** `whd_c_01k…_7_01k…`: one event of one call, on its way to one endpoint. Names where it is stored. */
export type DeliveryId = Branded<'DeliveryId'>;
/** `evt_c_01k…_7`: the same however often, and to whomever, the event is sent. */
export type EventId = Branded<'EventId'>;

/** Stands for the `webhookUrl` of single calls: they have no endpoint of their own, but a secret, and a place in the log. */
export const PER_CALL_ENDPOINT = 'wh_call' as EndpointId;

const SUFFIX = '[0-7][0-9a-hjkmnp-tv-z]{25}';
const ENDPOINT_ID = new RegExp(`^wh_(?:call|${SUFFIX})$`);
const DELIVERY_ID = new RegExp(`^whd_([a-p]_${SUFFIX})_(\\d{1,9})_(call|${SUFFIX})$`);

export function newEndpointId(uuid: string): EndpointId {
  return TypeID.fromUUID('wh', uuid).toString() as EndpointId;
}

export function isEndpointId(text: string): text is EndpointId {
  return ENDPOINT_ID.test(text);
}

/** Which event of which call goes to which endpoint. `sequence` counts a call's timeline: a later event has a greater one. */
export interface DeliveryName {
  readonly callId: CallId;
  readonly endpointId: EndpointId;
  readonly sequence: number;
}

export function deliveryId({ callId, endpointId, sequence }: DeliveryName): DeliveryId {
  return `whd_${callId.slice('call_'.length)}_${sequence}_${endpointId.slice('wh_'.length)}` as DeliveryId;
}

/** Null: this is no delivery's id. */
export function readDeliveryId(text: string): DeliveryName | null {
  const [, call, sequence, endpoint] = DELIVERY_ID.exec(text) ?? [];
  const callId = `call_${call}`;
  return isCallId(callId) ? { callId, sequence: Number(sequence), endpointId: `wh_${endpoint}` as EndpointId } : null;
}

export function eventId(callId: CallId, sequence: number): EventId {
  return `evt_${callId.slice('call_'.length)}_${sequence}` as EventId;
}
