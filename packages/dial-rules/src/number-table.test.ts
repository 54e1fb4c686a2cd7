import type { E164, NumberType } from '@onhook/contracts';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { classifyNumber } from './classify-number.js';
import { judgeNumber, type AllowedDestinations } from './judge-number.js';

const US_ONLY: AllowedDestinations = { countries: ['US'], numberTypes: null };
const EVERYWHERE: AllowedDestinations = { countries: null, numberTypes: null };
const judge = (number: string, allowed = US_ONLY): string => {
  const verdict = judgeNumber(number, { allowTestNumbers: false, allowed });
  return verdict.ok ? 'ok' : verdict.code;
};

/** The Caribbean and the Pacific behind +1: dialed like a neighbour, billed like the other end of the world. */
const NANP_ABROAD: [string, string][] = [
  ['AG', '+12684641234'],
  ['AI', '+12642351234'],
  ['AS', '+16847331234'],
  ['BB', '+12462501234'],
  ['BM', '+14413701234'],
  ['BS', '+12423591234'],
  ['CA', '+16135550123'],
  ['DM', '+17672251234'],
  ['DO', '+18092345678'],
  ['DO', '+18292345678'],
  ['GD', '+14734031234'],
  ['GU', '+16713001234'],
  ['JM', '+18762101234'],
  ['JM', '+16582101234'],
  ['KN', '+18697652917'],
  ['KY', '+13453231234'],
  ['LC', '+17582845678'],
  ['MP', '+16702345678'],
  ['MS', '+16644923456'],
  ['PR', '+17872345678'],
  ['SX', '+17215205678'],
  ['TC', '+16492311234'],
  ['TT', '+18682911234'],
  ['VC', '+17844301234'],
  ['VG', '+12843001234'],
  ['VI', '+13406421234'],
];

const AT_A_PRICE: [NumberType, string, string][] = [
  ['premium-rate', '+19002345678', 'US'],
  ['premium-rate', '+19005551234', 'US'],
  ['premium-rate', '+449012345678', 'GB'],
  ['premium-rate', '+449098790000', 'GB'],
  ['premium-rate', '+4990091234567', 'DE'],
  ['premium-rate', '+33891123456', 'FR'],
  ['premium-rate', '+39899123456', 'IT'],
  ['premium-rate', '+34803123456', 'ES'],
  ['premium-rate', '+43900123456', 'AT'],
  ['premium-rate', '+41900123456', 'CH'],
  ['premium-rate', '+31909123456', 'NL'],
  ['premium-rate', '+611900123456', 'AU'],
  ['premium-rate', '+81990123456', 'JP'],
  ['premium-rate', '+979123456789', 'nowhere'],
  ['premium-rate', '+448431234567', 'GB'],
  ['shared-cost', '+491801234567', 'DE'],
  ['shared-cost', '+80812345678', 'nowhere'],
  ['personal', '+447012345678', 'GB'],
  ['personal', '+4970012345678', 'DE'],
  ['personal', '+878101234567890', 'nowhere'],
  ['pager', '+447640123456', 'GB'],
  ['uan', '+445512345678', 'GB'],
  ['satellite', '+870773111632', 'nowhere'],
  ['satellite', '+881612345678', 'nowhere'],
  ['satellite', '+881812345678', 'nowhere'],
  ['satellite', '+882161234567', 'nowhere'],
  ['satellite', '+883510012345678', 'nowhere'],
];

const OF_ONE_CODE: [string, string][] = [
  ['GB', '+447400123456'],
  ['GG', '+447781123456'],
  ['JE', '+447797712345'],
  ['IM', '+447624123456'],
  ['RU', '+79123456789'],
  ['KZ', '+77710009998'],
  ['IT', '+393123456789'],
  ['VA', '+390669812345'],
  ['NO', '+4740612345'],
  ['SJ', '+4741234567'],
  ['AU', '+61412345678'],
  ['CX', '+61891641234'],
  ['CC', '+61891621234'],
  ['FI', '+358412345678'],
  ['AX', '+358501234567'],
  ['FR', '+33612345678'],
  ['GP', '+590690001234'],
  ['RE', '+262692123456'],
  ['YT', '+262639012345'],
  ['MA', '+212650123456'],
  ['CW', '+59995181234'],
  ['BQ', '+5993181234'],
];

describe('the table of numbers', () => {
  it.each(NANP_ABROAD)('%s: %s is not the United States, whose only country is allowed', (country, number) => {
    expect(classifyNumber(number as E164).country).toBe(country);
    expect(judge(number)).toBe('country-not-allowed');
    expect(judge(number, { countries: [country], numberTypes: null })).toBe('ok');
  });

  it.each(AT_A_PRICE)('%s: %s (%s) is never dialed, whatever is allowed', (type, number) => {
    expect(classifyNumber(number as E164).type).toBe(type);
    expect(judge(number, EVERYWHERE)).toBe('number-type-refused');
  });

  it.each(OF_ONE_CODE)('%s: %s is told from its neighbours with the same code', (country, number) => {
    // Two cannot be told by the number: Åland has Finland’s mobiles, Svalbard Norway’s.
    const either = { AX: ['AX', 'FI'], SJ: ['SJ', 'NO'] }[country] ?? [country];
    expect(either).toContain(classifyNumber(number as E164).country);
  });

  // One telephone of every country that libphonenumber knows, about 240.
  it.each(getCountries().map((country) => [country, getExampleNumber(country, examples)?.number ?? ''] as const))(
    '%s: %s is dialed if its country is allowed, and only then',
    (country, number) => {
      const found = classifyNumber(number as E164);
      // Territories whose mobiles have no range of their own are counted with whom they share it.
      const shares = found.country !== country;
      if (shares) expect(['AX', 'SJ', 'BL', 'MF', 'EH', 'VA', 'TA', 'CC', 'CX', 'IM']).toContain(country);
      const verdict = judge(number, { countries: [found.country], numberTypes: null });
      expect(['ok', 'number-type-refused']).toContain(verdict);
      expect(judge(number, { countries: ['XX'], numberTypes: null })).not.toBe('ok');
    },
  );

  it('types are allowed one by one', () => {
    const landlines: AllowedDestinations = { countries: null, numberTypes: ['fixed-line'] };
    expect(judge('+442079460000', landlines)).toBe('ok');
    expect(judge('+447400123456', landlines)).toBe('number-type-not-allowed');
  });
});
