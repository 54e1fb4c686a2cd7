import type { Destination, E164, NumberType } from '@onhook/contracts';
import { parsePhoneNumberFromString, type NumberType as LibraryType, type PhoneNumber } from 'libphonenumber-js/max';

/** `+1 500 555 xxxx`: Twilio's own test numbers, to which the simulator answers as documented. No network carries them. */
const TEST_NUMBER = /^\+1500555\d{4}$/;

/**
 * Calling codes of no country (ITU E.164, assigned codes) whose numbers libphonenumber calls mobile or VoIP: satellites (870 Inmarsat,
 * 881), international networks (882, 883) at satellites' prices, universal personal numbers (878).
 */
const TYPE_OF_CODE: Readonly<Record<string, NumberType>> = {
  '870': 'satellite',
  '878': 'personal',
  '881': 'satellite',
  '882': 'satellite',
  '883': 'satellite',
  '888': 'unknown',
};

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
  return classifyParsed(number, parsePhoneNumberFromString(number));
}

/** @param parsed the same number, by libphonenumber */
export function classifyParsed(number: E164, parsed: PhoneNumber | undefined): Destination {
  if (TEST_NUMBER.test(number)) return { country: 'US', type: 'test' };
  const country = parsed?.country ?? 'ZZ';
  if (!parsed?.isValid()) return { country, type: 'unknown' };
  const type = parsed.getType();
  return { country, type: TYPE_OF_CODE[String(parsed.countryCallingCode)] ?? (type === undefined ? 'unknown' : TYPES[type]) };
}
