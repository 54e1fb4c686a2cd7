import { NUMBER_TYPES, type E164, type NumberType } from '@onhook/contracts';
import { ConfigError, wholeNumber } from '@onhook/service';
import type { AccountLimits } from '@onhook/store';
import { z } from 'zod';
import { classifyNumber } from './classify-number.js';

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const decimal = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, `must be a number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a number from ${min} to ${max}`);

/** Telephones that people hold, at prices that people expect. */
const USUAL_TYPES = [
  'mobile',
  'fixed-line',
  'fixed-line-or-mobile',
  'voip',
  'toll-free',
] as const satisfies readonly NumberType[];
const MICROS = 1_000_000;

/** The limits of the carrier account, for the dialer, which keeps them, and the api, which tells them. What an operator sets in Redis stands above. */
export const limitSettings = {
  /** Live calls of the whole account, over all dialers. Twilio's own cap is 2 to 5 for a new account. */
  MAX_CONCURRENT_CALLS: wholeNumber(1, 100_000).default(100),
  MAX_CONCURRENT_CALLS_PER_FROM: wholeNumber(1, 100_000).optional(),
  /** Twilio dials one a second unless it was asked for more; what is above waits inside Twilio, where nobody can take it back. */
  CALLS_PER_SECOND: decimal(0.01, 1_000).default(1),
  CALLS_PER_SECOND_PER_FROM: decimal(0.01, 1_000).optional(),
  /** To one number within any 24 hours. */
  ATTEMPTS_PER_NUMBER_PER_DAY: wholeNumber(1, 1_000).optional(),
  /** The countries of FROM_NUMBERS unless said otherwise: calls that nobody meant to make go abroad. */
  ALLOWED_COUNTRIES: z
    .string()
    .transform(list)
    .pipe(z.array(z.string().regex(/^([A-Z]{2}|\*)$/, 'must be country codes like US,CA, or * for all')).min(1))
    .optional(),
  ALLOWED_NUMBER_TYPES: z
    .string()
    .transform(list)
    .pipe(z.array(z.enum(NUMBER_TYPES, `must be some of ${NUMBER_TYPES.join(', ')}`)).min(1))
    .default([...USUAL_TYPES]),
  /** Within a day (UTC). */
  MINUTES_PER_DAY: wholeNumber(1, 100_000_000).optional(),
  /** In the currency of PRICE_PER_MINUTE. */
  MONEY_PER_DAY: decimal(0.01, 10_000_000).optional(),
  /** `0.014`, or by country `US=0.014,GB=0.03,*=0.5`. */
  PRICE_PER_MINUTE: z
    .string()
    .regex(
      /^(\d+(\.\d+)?|([A-Z]{2}=\d+(\.\d+)?,)*\*=\d+(\.\d+)?)$/,
      'must be a price like 0.014, or US=0.014,*=0.5 with * at the end',
    )
    .transform(readPrices)
    .optional(),
  /** `simulator` lets the carrier's test numbers be dialed. */
  CARRIER: z.enum(['simulator', 'twilio'], 'must be simulator or twilio').default('twilio'),
};

export type LimitSettings = z.output<z.ZodObject<typeof limitSettings>>;

/** @throws ConfigError for a budget of money without a price */
export function requirePrices<C extends Pick<LimitSettings, 'MONEY_PER_DAY' | 'PRICE_PER_MINUTE'>>(config: C): C {
  if (config.MONEY_PER_DAY !== undefined && config.PRICE_PER_MINUTE === undefined) {
    throw new ConfigError(['PRICE_PER_MINUTE: is required with MONEY_PER_DAY']);
  }
  return config;
}

export function accountLimits(settings: LimitSettings, fromNumbers: readonly E164[]): AccountLimits {
  const { ALLOWED_COUNTRIES: countries, MONEY_PER_DAY: money } = settings;
  return {
    maxConcurrent: settings.MAX_CONCURRENT_CALLS,
    callsPerSecond: settings.CALLS_PER_SECOND,
    maxConcurrentPerFrom: settings.MAX_CONCURRENT_CALLS_PER_FROM ?? null,
    callsPerSecondPerFrom: settings.CALLS_PER_SECOND_PER_FROM ?? null,
    attemptsPerNumberPerDay: settings.ATTEMPTS_PER_NUMBER_PER_DAY ?? null,
    countries: countries?.includes('*')
      ? null
      : (countries ?? [...new Set(fromNumbers.map((from) => classifyNumber(from).country))]),
    numberTypes: [...settings.ALLOWED_NUMBER_TYPES, ...(settings.CARRIER === 'simulator' ? (['test'] as const) : [])],
    minutesPerDay: settings.MINUTES_PER_DAY ?? null,
    microsPerDay: money === undefined ? null : Math.round(money * MICROS),
    microsPerMinute: settings.PRICE_PER_MINUTE ?? null,
  };
}

function readPrices(text: string): Record<string, number> {
  const rows = text.includes('=') ? text.split(',').map((row) => row.split('=')) : [['*', text]];
  return Object.fromEntries(rows.map(([where = '*', price]) => [where, Math.round(Number(price) * MICROS)]));
}
