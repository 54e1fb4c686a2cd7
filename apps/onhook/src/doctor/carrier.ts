import { fail, ok, reasonOf, warn, type Finding } from './check.js';

export interface CarrierAccount {
  readonly accountSid: string;
  readonly authToken: string;
  readonly fromNumbers: readonly string[];
  /** ISO codes of the countries that may be called. */
  readonly countries: readonly string[];
  readonly apiBaseUrl?: string;
}

const WITHIN_MS = 10_000;
const API = 'https://api.twilio.com';
const VOICE = 'https://voice.twilio.com';

/** By Twilio's own API, reading only: nothing is placed, nothing is changed. */
export async function checkCarrier({
  accountSid,
  authToken,
  fromNumbers,
  countries,
  apiBaseUrl,
}: CarrierAccount): Promise<Finding[]> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const get = async (url: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(url, { headers: { Authorization: authorization }, signal: AbortSignal.timeout(WITHIN_MS) });
    return { status: response.status, body: ((await response.json().catch(() => ({}))) ?? {}) as Record<string, unknown> };
  };
  const account = `${apiBaseUrl ?? API}/2010-04-01/Accounts/${accountSid}`;
  try {
    const { status } = await get(`${account}/Calls.json?PageSize=1`);
    if (status === 401 || status === 403)
      return [fail('Carrier', 'the account SID and the auth token do not belong together', 'Copy both from the Twilio console.')];
    if (status !== 200) return [warn('Carrier', `answered ${status}`, 'See status.twilio.com, or TWILIO_API_BASE_URL.')];
  } catch (error) {
    return [fail('Carrier', `cannot be reached (${reasonOf(error)})`, 'Let this machine reach api.twilio.com on port 443.')];
  }
  const findings = [ok('Carrier', 'the credentials are good')];
  for (const number of fromNumbers) findings.push(await checkNumber(number, account, get));
  // The simulator has no such thing, and a base URL of one's own says so.
  if (apiBaseUrl === undefined) findings.push(...(await checkCountries(countries, get)));
  return findings;
}

type Get = (url: string) => Promise<{ status: number; body: Record<string, unknown> }>;

async function checkNumber(number: string, account: string, get: Get): Promise<Finding> {
  const shown = `…${number.slice(-4)}`;
  const query = `PhoneNumber=${encodeURIComponent(number)}`;
  const owned = await get(`${account}/IncomingPhoneNumbers.json?${query}`);
  if (owned.status === 404)
    return warn('Number', `${shown} cannot be looked up at this carrier`, 'Nothing to do on the simulator.');
  const [found] = (owned.body['incoming_phone_numbers'] ?? []) as { capabilities?: { voice?: boolean } }[];
  if (found) {
    return found.capabilities?.voice === false
      ? fail('Number', `${shown} cannot make calls`, 'Buy a number with the capability "Voice".')
      : ok('Number', `${shown} is ours and may make calls`);
  }
  const verified = await get(`${account}/OutgoingCallerIds.json?${query}`);
  const [callerId] = (verified.body['outgoing_caller_ids'] ?? []) as unknown[];
  if (callerId) return ok('Number', `${shown} is a verified caller id`);
  return fail(
    'Number',
    `${shown} does not belong to this account (Twilio error 21210)`,
    'Put a number of the account into FROM_NUMBERS.',
  );
}

/** Geo permissions: what is not enabled there fails with Twilio error 21215. */
async function checkCountries(countries: readonly string[], get: Get): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const country of countries) {
    const { status, body } = await get(`${VOICE}/v1/DialingPermissions/Countries/${country}`);
    if (status !== 200)
      findings.push(
        warn('Geo permissions', `of ${country} could not be read (${status})`, 'Look in the console: Voice, Geo permissions.'),
      );
    else if (body['low_risk_numbers_enabled'] !== true)
      findings.push(
        fail(
          'Geo permissions',
          `calls to ${country} are not enabled (Twilio error 21215)`,
          'Enable the country in the console: Voice, Geo permissions.',
        ),
      );
    else if (body['high_risk_tollfraud_numbers_enabled'] === true || body['high_risk_special_numbers_enabled'] === true)
      findings.push(
        warn(
          'Geo permissions',
          `of ${country} allow numbers that are known for toll fraud`,
          'Disable high-risk numbers in the console.',
        ),
      );
    else findings.push(ok('Geo permissions', `calls to ${country} are enabled, high-risk numbers are not`));
  }
  return findings;
}
