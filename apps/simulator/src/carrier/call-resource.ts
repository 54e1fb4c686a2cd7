import { connectedSeconds, isFinal, queueTimeMs, resourceStatus, type CarrierCall } from './call.js';
import { formatNumber, sidOfNumber } from './phone-number.js';

export const apiVersion = '2010-04-01';

export interface ResourceFacts {
  accountSid: string;
  /** The documents know `human` and `machine` only. */
  answeredByDetail?: 'documented' | 'granular' | undefined;
}

/** The JSON of one call. In the answer to a create nearly everything is null, as captured from the real service. */
export function callResource(
  call: CarrierCall,
  { accountSid, answeredByDetail }: ResourceFacts,
  isNew = false,
): Record<string, unknown> {
  const uri = `/${apiVersion}/Accounts/${accountSid}/Calls/${call.sid}`;
  const over = isFinal(call.status);
  return {
    sid: call.sid,
    date_created: isNew ? null : rfc2822(call.createdAtMs),
    date_updated: isNew ? null : rfc2822(call.endedAtMs ?? call.answeredAtMs ?? call.startedAtMs ?? call.createdAtMs),
    parent_call_sid: call.parentCallSid ?? null,
    account_sid: accountSid,
    to: call.to,
    to_formatted: formatNumber(call.to),
    from: call.from,
    from_formatted: formatNumber(call.from),
    phone_number_sid: sidOfNumber(call.from),
    status: resourceStatus(call.status),
    start_time: isNew || call.startedAtMs === undefined ? null : rfc2822(call.startedAtMs),
    end_time: call.endedAtMs === undefined ? null : rfc2822(call.endedAtMs),
    duration: over ? String(connectedSeconds(call)) : null,
    price: null,
    price_unit: 'USD',
    direction: directionOf(call),
    answered_by: answeredBy(call, answeredByDetail),
    annotation: null,
    api_version: apiVersion,
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: String(queueTimeMs(call)),
    trunk_sid: null,
    uri: `${uri}.json`,
    subresource_uris: Object.fromEntries(subresources.map(([name, path]) => [name, `${uri}/${path}.json`])),
  };
}

export const directionOf = (call: CarrierCall): 'outbound-api' | 'outbound-dial' =>
  call.parentCallSid === undefined ? 'outbound-api' : 'outbound-dial';

function answeredBy({ answeredBy: verdict }: CarrierCall, detail: ResourceFacts['answeredByDetail']): string | null {
  if (verdict === undefined) return null;
  if (detail === 'granular' || verdict === 'human') return verdict;
  return verdict.startsWith('machine_') ? 'machine' : null;
}

const subresources = [
  ['events', 'Events'],
  ['notifications', 'Notifications'],
  ['payments', 'Payments'],
  ['recordings', 'Recordings'],
  ['siprec', 'Siprec'],
  ['streams', 'Streams'],
  ['transcriptions', 'Transcriptions'],
  ['user_defined_message_subscriptions', 'UserDefinedMessageSubscriptions'],
  ['user_defined_messages', 'UserDefinedMessages'],
] as const;

/** `Sun, 25 Mar 2018 09:53:19 +0000`: the one form that Twilio's SDKs read. */
export function rfc2822(epochMs: number): string {
  return new Date(epochMs).toUTCString().replace('GMT', '+0000');
}
