import { ConfigError, readConfig } from '@onhook/service';
import type { E164 } from '@onhook/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accountLimits, limitSettings, requirePrices } from './limit-settings.js';

const FROM_NUMBERS = ['+14155550100', '+442071838750', '+14155550101'] as E164[];

function limitsOf(env: NodeJS.ProcessEnv) {
  return accountLimits(requirePrices(readConfig(z.object(limitSettings), env)), FROM_NUMBERS);
}

describe('the limits of a dialer', () => {
  it('are careful unless said otherwise: one call a second, the countries we call from, ordinary telephones', () => {
    expect(limitsOf({})).toEqual({
      maxConcurrent: 100,
      callsPerSecond: 1,
      maxConcurrentPerFrom: null,
      callsPerSecondPerFrom: null,
      attemptsPerNumberPerDay: null,
      countries: ['US', 'GB'],
      numberTypes: ['mobile', 'fixed-line', 'fixed-line-or-mobile', 'voip', 'toll-free'],
      minutesPerDay: null,
      microsPerDay: null,
      microsPerMinute: null,
    });
  });

  it('are read from the environment', () => {
    expect(
      limitsOf({
        CALLS_PER_SECOND: '0.5',
        MAX_CONCURRENT_CALLS_PER_FROM: '4',
        ATTEMPTS_PER_NUMBER_PER_DAY: '3',
        ALLOWED_COUNTRIES: 'US, CA',
        ALLOWED_NUMBER_TYPES: 'mobile',
        CARRIER: 'simulator',
        MINUTES_PER_DAY: '5000',
        MONEY_PER_DAY: '49.99',
        PRICE_PER_MINUTE: 'US=0.014,GB=0.03,*=0.5',
      }),
    ).toMatchObject({
      callsPerSecond: 0.5,
      maxConcurrentPerFrom: 4,
      attemptsPerNumberPerDay: 3,
      countries: ['US', 'CA'],
      numberTypes: ['mobile', 'test'],
      minutesPerDay: 5_000,
      microsPerDay: 49_990_000,
      microsPerMinute: { US: 14_000, GB: 30_000, '*': 500_000 },
    });
    expect(limitsOf({ PRICE_PER_MINUTE: '0.014', ALLOWED_COUNTRIES: '*' })).toMatchObject({
      microsPerMinute: { '*': 14_000 },
      countries: null,
    });
  });

  it.each([
    ['CALLS_PER_SECOND', '0'],
    ['CALLS_PER_SECOND', '-1'],
    ['CALLS_PER_SECOND', 'many'],
    ['ALLOWED_COUNTRIES', 'usa'],
    ['ALLOWED_COUNTRIES', ','],
    ['ALLOWED_NUMBER_TYPES', 'mobile,landline'],
    ['PRICE_PER_MINUTE', 'US=0.014'],
    ['PRICE_PER_MINUTE', '*=0.5,US=0.014'],
    ['MONEY_PER_DAY', '10'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => limitsOf({ [name]: value })).toThrow(ConfigError);
  });
});
