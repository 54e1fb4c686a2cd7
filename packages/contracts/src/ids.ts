import { TypeID } from 'typeid-js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `call_c_01k…`: the letter is the call's shard, a–p, and the hash tag of all its keys. */
export type CallId = Branded<'CallId'>;
/** `gw_01k…`: fresh at every start of a gateway process, never used again. */
export type GatewayId = Branded<'GatewayId'>;
/** The carrier's name of one leg: Twilio's Call SID, `CA` and 32 hexadecimal digits. */
export type CarrierCallId = Branded<'CarrierCallId'>;
/** The carrier's name of one media stream: Twilio's `MZ…`. The fence of every gateway event after `stream-started`. */
export type StreamSid = Branded<'StreamSid'>;
/** `camp_01k…`. */
export type CampaignId = Branded<'CampaignId'>;
/** `+14155550123`: at most 15 digits, no separators (ITU E.164). */
export type E164 = Branded<'E164'>;

export const SHARDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'] as const;
export type Shard = (typeof SHARDS)[number];

export const CALL_ID = /^call_([a-p])_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** @param uuid a time-ordered (version 7) UUID, so that ids sort by age */
export function newCallId(shard: Shard, uuid: string): CallId {
  return TypeID.fromUUID(`call_${shard}`, uuid).toString() as CallId;
}

export function isCallId(text: string): text is CallId {
  return CALL_ID.test(text);
}

export function shardOf(callId: CallId): Shard {
  const letter = CALL_ID.exec(callId)?.[1];
  if (!letter) throw new Error(`not a call id: ${callId}`);
  return letter as Shard;
}

export const API_KEY_ID = /^key_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** `key_01k…`: what an API key is called; its secret is `sk_01k…_<43 characters>`. */
export function newApiKeyId(uuid: string): string {
  return TypeID.fromUUID('key', uuid).toString();
}

export function newGatewayId(uuid: string): GatewayId {
  return TypeID.fromUUID('gw', uuid).toString() as GatewayId;
}

export const CARRIER_CALL_ID = /^CA[0-9a-fA-F]{32}$/;
export const STREAM_SID = /^MZ[0-9a-fA-F]{32}$/;

export function isCarrierCallId(text: string): text is CarrierCallId {
  return CARRIER_CALL_ID.test(text);
}

export function isStreamSid(text: string): text is StreamSid {
  return STREAM_SID.test(text);
}

export const CAMPAIGN_ID = /^camp_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** @param uuid a time-ordered (version 7) UUID, so that ids sort by age */
export function newCampaignId(uuid: string): CampaignId {
  return TypeID.fromUUID('camp', uuid).toString() as CampaignId;
}

export function isCampaignId(text: string): text is CampaignId {
  return CAMPAIGN_ID.test(text);
}
