import type { Destination, E164, NumberType } from '@onhook/contracts';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { classifyParsed } from './classify-number.js';

export type NumberVerdict =
  | { readonly ok: true; readonly number: E164; readonly destination: Destination }
  | { readonly ok: false; readonly code: NumberProblem; readonly message: string };

export type NumberProblem =
  | 'not-e164'
  | 'emergency-number'
  | 'short-number'
  | 'not-dialable'
  | 'number-type-refused'
  | 'number-type-not-allowed'
  | 'country-not-allowed';

/** As the account's limits have it; null: all. */
export interface AllowedDestinations {
  readonly countries: readonly string[] | null;
  readonly numberTypes: readonly NumberType[] | null;
}

/** The world's emergency numbers, and the help lines that begin like them. Whatever is as short is refused too, as `short-number`. */
const EMERGENCY: ReadonlySet<string> = new Set(
  (
    '000 15 17 18 100 101 102 103 104 105 106 108 110 111 112 113 114 115 116 117 118 119 120 122 123 125 131 132 133 140 144 150 155 158 ' +
    '160 166 180 190 191 192 193 194 195 197 198 199 911 912 913 914 919 988 990 991 992 993 994 995 996 997 998 999'
  ).split(' '),
);

/** Those whose price the callee sets, or that no person holds: no setting lets them be dialed. */
const NEVER: ReadonlySet<NumberType> = new Set<NumberType>([
  'premium-rate',
  'shared-cost',
  'uan',
  'pager',
  'voicemail',
  'personal',
  'satellite',
  'unknown',
]);

/**
 * Whether we dial this. Stricter than the carrier, which charges for finding out: E.164 only, a number that can exist
 * (libphonenumber's full metadata), no emergency (also behind a calling code: `+1911`), short or premium number, and only where the account may call.
 *
 * @param allowTestNumbers where the carrier is a simulator
 */
export function judgeNumber(
  given: string,
  { allowTestNumbers, allowed = EVERYWHERE }: { allowTestNumbers: boolean; allowed?: AllowedDestinations },
): NumberVerdict {
  const digits = given.replace(/\D/g, '');
  // Parsed once: an import asks this of a million numbers.
  const parsed = given.length <= 16 ? parsePhoneNumberFromString(given) : undefined;
  if (given.length <= 16 && (EMERGENCY.has(digits) || (parsed !== undefined && EMERGENCY.has(String(parsed.nationalNumber)))))
    return no('emergency-number', 'Emergency numbers are never dialed');
  if (/^\d{3,6}$/.test(given)) return no('short-number', 'Short codes are never dialed');
  if (!/^\+[1-9]\d{1,14}$/.test(given)) return no('not-e164', 'Must be E.164: + and at most 15 digits, like +14155552671');

  const number = given as E164;
  const destination = classifyParsed(number, parsed);
  if (destination.type === 'test' && allowTestNumbers) return { ok: true, number, destination };
  if (!parsed) return no('not-dialable', 'No country has this calling code');
  const callingCode = String(parsed.countryCallingCode);
  if (!parsed.isValid()) {
    if (String(parsed.nationalNumber).length <= 6) return no('short-number', `Too few digits for +${callingCode}`);
    return no('not-dialable', `No telephone of +${callingCode} can have this number`);
  }
  if (destination.type === 'test' || NEVER.has(destination.type)) {
    return no('number-type-refused', 'Premium-rate, shared-cost, satellite and similar numbers are never dialed');
  }
  const { countries, numberTypes } = allowed;
  if (countries && !countries.includes(destination.country)) {
    return no('country-not-allowed', `Calls to ${destination.country} are not allowed (ALLOWED_COUNTRIES)`);
  }
  if (numberTypes && !numberTypes.includes(destination.type)) {
    return no('number-type-not-allowed', `Numbers of the type ${destination.type} are not allowed (ALLOWED_NUMBER_TYPES)`);
  }
  return { ok: true, number, destination };
}

const EVERYWHERE: AllowedDestinations = { countries: null, numberTypes: null };

function no(code: NumberProblem, message: string): NumberVerdict {
  return { ok: false, code, message };
}
