import { chooseZones, isTimeZone } from '@onhook/campaign';
import { judgeNumber, type AllowedDestinations, type NumberProblem } from '@onhook/dial-rules';
import type { E164 } from '@onhook/contracts';
import type { NewContact } from '@onhook/store';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';

export interface ContactRules {
  readonly allowTestNumbers: boolean;
  readonly allowed: AllowedDestinations;
  /** What the campaign's agent needs and the agent itself does not give. */
  readonly requiredVariables: readonly string[];
  readonly fallbackTimeZone: string | null;
  /** Numbers without a plus are read as people of this country write them. Null: they are refused. */
  readonly defaultCountry: string | null;
}

/** A row of a file or an item of JSON, before it is judged. */
export interface ContactGiven {
  readonly to: string;
  readonly name: string;
  readonly externalId: string;
  readonly timeZone: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
}

export type ContactProblem =
  | NumberProblem
  | 'missing-number'
  | 'number-lost'
  | 'formula'
  | 'unknown-time-zone'
  | 'missing-variable'
  | 'too-long'
  | 'invalid-row';

export type ContactRead =
  | { readonly ok: true; readonly contact: NewContact; readonly zones: readonly string[] }
  | {
      readonly ok: false;
      readonly column: string;
      readonly value: string;
      readonly code: ContactProblem;
      readonly message: string;
    };

const LONGEST = { name: 200, externalId: 200, variable: 1_000 } as const;
const NO_ZONES: readonly string[] = [];

/** Judges one contact; says of the first mistake where it is. */
export function createReadContact(rules: ContactRules): (given: ContactGiven) => ContactRead {
  const zonesKnown = new Map<string, boolean>();
  const isZone = (name: string): boolean => {
    const known = zonesKnown.get(name) ?? isTimeZone(name);
    if (zonesKnown.size < 10_000) zonesKnown.set(name, known);
    return known;
  };

  return function readContact(given) {
    const { name, externalId, timeZone, variables } = given;
    const number = readNumber(given.to, rules);
    if (!number.ok) return { ok: false, column: 'to', value: given.to, code: number.code, message: number.message };
    if (name.length > LONGEST.name) return tooLong('name', name, LONGEST.name);
    if (externalId.length > LONGEST.externalId) return tooLong('externalId', externalId, LONGEST.externalId);
    if (timeZone !== '' && !isZone(timeZone)) {
      const message = 'Not an IANA time zone, like America/New_York';
      return { ok: false, column: 'timeZone', value: timeZone, code: 'unknown-time-zone', message };
    }
    for (const column in variables) {
      const value = variables[column]!;
      if (typeof value === 'string' && value.length > LONGEST.variable) return tooLong(column, value, LONGEST.variable);
    }
    for (const column of rules.requiredVariables) {
      if (Object.hasOwn(variables, column) || (column === 'name' && name !== '')) continue;
      return { ok: false, column, value: '', code: 'missing-variable', message: 'The agent needs this variable' };
    }
    const zones = chooseZones(timeZone === '' ? null : timeZone, number.number, rules.fallbackTimeZone)?.zones ?? NO_ZONES;
    return {
      ok: true,
      contact: {
        to: number.number,
        name: name === '' ? null : name,
        externalId: externalId === '' ? null : externalId,
        timeZone: timeZone === '' ? null : timeZone,
        variables,
      },
      zones,
    };
  };
}

type NumberRead =
  | { readonly ok: true; readonly number: E164 }
  | { readonly ok: false; readonly code: ContactProblem; readonly message: string };

function readNumber(cell: string, rules: ContactRules): NumberRead {
  if (cell === '') return { ok: false, code: 'missing-number', message: 'There is no number' };
  if (/^\d([.,]\d+)?E\+?\d+$/i.test(cell)) {
    const message = 'A spreadsheet has rounded this number and its last digits are lost: format the column as text';
    return { ok: false, code: 'number-lost', message };
  }
  if (cell.startsWith('=')) {
    return { ok: false, code: 'formula', message: 'A spreadsheet has made a formula of this number: format the column as text' };
  }
  const verdict = judgeNumber(written(cell, rules.defaultCountry), rules);
  return verdict.ok ? { ok: true, number: verdict.number } : { ok: false, code: verdict.code, message: verdict.message };
}

/** As people write numbers: `+1 (415) 555-2671`, `'+14155552671`, and with a country given `(415) 555-2671`. */
function written(cell: string, country: string | null): string {
  const bare = /^\+\d+$/.test(cell) ? cell : cell.replace(/^'/, '').replace(/[\s().\-/\u00a0\u2010-\u2013]/g, '');
  if (country === null || !/^\d{5,14}$/.test(bare)) return bare;
  return parsePhoneNumberFromString(bare, country as CountryCode)?.number ?? bare;
}

function tooLong(column: string, value: string, most: number): ContactRead {
  return { ok: false, column, value: value.slice(0, 40), code: 'too-long', message: `Has more than ${most} characters` };
}
