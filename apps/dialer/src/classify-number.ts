import type { Destination, E164, NumberType } from '@onhook/contracts';
import { parsePhoneNumberFromString, type NumberType as LibraryType } from 'libphonenumber-js/max';

/** `+1 500 555 xxxx`: Twilio's own test numbers. */
const TEST_NUMBER = /^\+1500555\d{4}$/;
/** ITU E.164 assigned codes of satellites and international networks; libphonenumber calls most of them mobile or VoIP. */
const SATELLITE_CODES: ReadonlySet<string> = new Set(['870', '878', '881', '882', '883']);

const TYPES: Readonly<Record<NonNullable<LibraryType>, NumberType>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'fixed-line',
  FIXED_LINE_OR_MOBILE: 'fixed-line-or-mobile',
  VOIP: 'voip',
  TOLL_FREE: 'toll-free',
  PREMIUM_RATE: 'premium-rate',
  SHARED_COST: 'shared-cost',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'uan',
  VOICEMAIL: 'voicemail',
};

/**
 * Where a call to this number goes. Countries that share a calling code are told apart (+1 876 is Jamaica, not the United States);
 * a number that moved to another kind of network is not seen.
 */
export function classifyNumber(number: E164): Destination {
  if (TEST_NUMBER.test(number)) return { country: 'US', type: 'test' };
  const parsed = parsePhoneNumberFromString(number);
  const country = parsed?.country ?? 'ZZ';
  if (!parsed?.isValid()) return { country, type: 'unknown' };
  if (SATELLITE_CODES.has(String(parsed.countryCallingCode))) return { country, type: 'satellite' };
  const type = parsed.getType();
  return { country, type: type === undefined ? 'unknown' : TYPES[type] };
}
