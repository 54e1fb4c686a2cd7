import { apiVersion, rfc2822 } from './call-resource.js';
import { formatNumber, sidOfNumber } from './phone-number.js';

/** A number of the account's own. What becomes of calls to it is not told: nobody calls in. */
export function ownNumberResource(number: string, accountSid: string, sinceMs: number): Record<string, unknown> {
  const sid = sidOfNumber(number);
  return {
    ...nobody,
    ...common({ number, sid, accountSid, sinceMs, path: 'IncomingPhoneNumbers' }),
    api_version: apiVersion,
    address_requirements: 'none',
    beta: false,
    capabilities: { voice: true, sms: false, mms: false, fax: false },
    emergency_status: 'Inactive',
    emergency_address_status: 'unregistered',
    origin: 'twilio',
    sms_fallback_method: 'POST',
    sms_method: 'POST',
    status: 'in-use',
    status_callback_method: 'POST',
    type: 'local',
    voice_caller_id_lookup: false,
    voice_fallback_method: 'POST',
    voice_method: 'POST',
    voice_receive_mode: 'voice',
  };
}

/** A number that somebody has verified: a trial account may call it, and everybody may call from it. */
export function verifiedNumberResource(number: string, accountSid: string, sinceMs: number): Record<string, unknown> {
  return common({ number, sid: sidOfNumber(number), accountSid, sinceMs, path: 'OutgoingCallerIds' });
}

export function accountResource({
  accountSid,
  authToken,
  isTrial,
  sinceMs,
}: {
  accountSid: string;
  authToken: string;
  isTrial: boolean;
  sinceMs: number;
}): Record<string, unknown> {
  const uri = `/${apiVersion}/Accounts/${accountSid}`;
  return {
    sid: accountSid,
    friendly_name: 'Simulator',
    status: 'active',
    type: isTrial ? 'Trial' : 'Full',
    auth_token: authToken,
    owner_account_sid: accountSid,
    date_created: rfc2822(sinceMs),
    date_updated: rfc2822(sinceMs),
    uri: `${uri}.json`,
    subresource_uris: Object.fromEntries(subresources.map(([name, path]) => [name, `${uri}/${path}.json`])),
  };
}

function common({
  number,
  sid,
  accountSid,
  sinceMs,
  path,
}: {
  number: string;
  sid: string;
  accountSid: string;
  sinceMs: number;
  path: string;
}): Record<string, unknown> {
  return {
    sid,
    account_sid: accountSid,
    friendly_name: formatNumber(number),
    phone_number: number,
    date_created: rfc2822(sinceMs),
    date_updated: rfc2822(sinceMs),
    uri: `/${apiVersion}/Accounts/${accountSid}/${path}/${sid}.json`,
  };
}

/** There, and never set. */
const nobody = {
  address_sid: null,
  bundle_sid: null,
  emergency_address_sid: null,
  identity_sid: null,
  sms_application_sid: '',
  sms_fallback_url: '',
  sms_url: '',
  status_callback: '',
  trunk_sid: null,
  voice_application_sid: null,
  voice_fallback_url: '',
  voice_url: '',
};

const subresources = [
  ['calls', 'Calls'],
  ['incoming_phone_numbers', 'IncomingPhoneNumbers'],
  ['notifications', 'Notifications'],
  ['outgoing_caller_ids', 'OutgoingCallerIds'],
  ['recordings', 'Recordings'],
] as const;
