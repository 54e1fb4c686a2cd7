import type { E164 } from '@onhook/contracts';
import { parsePhoneNumberFromString, type NumberType } from 'libphonenumber-js/max';
import type { FieldErrorCode } from './problems.js';

export type NumberVerdict =
  | { readonly ok: true; readonly number: E164 }
  | { readonly ok: false; readonly code: FieldErrorCode; readonly message: string };

/** The world's emergency numbers, and the help lines that begin like them. Whatever is as short is refused too, as `short-number`. */
const EMERGENCY: ReadonlySet<string> = new Set(
  (
    '000 15 17 18 100 101 102 103 104 105 106 108 110 111 112 113 114 115 116 117 118 119 120 122 123 125 131 132 133 140 144 150 155 158 ' +
    '160 166 180 190 191 192 193 194 195 197 198 199 911 912 913 914 919 988 990 991 992 993 994 995 996 997 998 999'
  ).split(' '),
);

/** Those whose price the callee sets, or that no person holds. libphonenumber's words. */
const REFUSED_TYPES: ReadonlySet<NumberType> = new Set<NumberType>([
  'PREMIUM_RATE',
  'SHARED_COST',
  'UAN',
  'PAGER',
  'VOICEMAIL',
  'PERSONAL_NUMBER',
]);

/** Satellites and international networks (ITU E.164 assigned codes): libphonenumber calls most of them mobile. */
const REFUSED_CALLING_CODES: ReadonlySet<string> = new Set(['808', '870', '878', '881', '882', '883', '888', '979']);

/** `+1 500 555 xxxx`: Twilio's own test numbers, to which the simulator answers as documented. No network carries them. */
const TEST_NUMBER = /^\+1500555\d{4}$/;

/**
 * Whether we dial this. Stricter than the carrier, which charges for finding out: E.164 only, a number that can exist
 * (libphonenumber's full metadata), no emergency, short or premium number.
 *
 * @param allowTestNumbers where the carrier is a simulator
 */
export function judgeNumber(given: string, { allowTestNumbers }: { allowTestNumbers: boolean }): NumberVerdict {
  const digits = given.replace(/\D/g, '');
  if (given.length <= 16 && (EMERGENCY.has(digits) || isEmergencyAbroad(given)))
    return no('emergency-number', 'Emergency numbers are never dialed');
  if (/^\d{3,6}$/.test(given)) return no('short-number', 'Short codes are never dialed');
  if (!/^\+[1-9]\d{1,14}$/.test(given)) return no('not-e164', 'Must be E.164: + and at most 15 digits, like +14155552671');
  if (allowTestNumbers && TEST_NUMBER.test(given)) return { ok: true, number: given as E164 };

  const parsed = parsePhoneNumberFromString(given);
  if (!parsed) return no('not-dialable', 'No country has this calling code');
  const callingCode = String(parsed.countryCallingCode);
  if (parsed.isValid()) {
    const type = parsed.getType();
    if (REFUSED_CALLING_CODES.has(callingCode) || (type !== undefined && REFUSED_TYPES.has(type))) {
      return no('number-type-refused', 'Premium-rate, shared-cost, satellite and similar numbers are never dialed');
    }
    return { ok: true, number: given as E164 };
  }
  if (String(parsed.nationalNumber).length <= 6) return no('short-number', `Too few digits for +${callingCode}`);
  return no('not-dialable', `No telephone of +${callingCode} can have this number`);
}

/** `+1911`, `+44 999`: an emergency number behind any calling code. */
function isEmergencyAbroad(given: string): boolean {
  const parsed = parsePhoneNumberFromString(given);
  return parsed !== undefined && EMERGENCY.has(String(parsed.nationalNumber));
}

function no(code: FieldErrorCode, message: string): NumberVerdict {
  return { ok: false, code, message };
}
