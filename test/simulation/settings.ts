import type { E164 } from '@onhook/contracts';

export const ACCOUNT = 'default';
export const ACCOUNT_SID = `AC${'5'.repeat(32)}`;
export const API_KEY = 'sk_simulated_0123456789abcdef';
export const PUBLIC_URL = 'https://calls.example.com';
export const STREAM_TOKEN_SECRET = 'a secret of the simulation';
export const FROM_NUMBERS = ['+14155550100', '+14155550101'] as E164[];

export const CALLS_PER_SECOND = 3;
export const MOST_AT_ONCE = 10;

/** As `readDialerConfig` gives them. */
export const LIMITS = {
  MAX_CONCURRENT_CALLS: MOST_AT_ONCE,
  CALLS_PER_SECOND,
  ALLOWED_COUNTRIES: ['US'],
  ALLOWED_NUMBER_TYPES: ['mobile', 'fixed-line', 'fixed-line-or-mobile', 'voip', 'toll-free'],
  CARRIER: 'simulator',
} satisfies Parameters<typeof import('@onhook/dialer').accountLimits>[0];

/** How many processes of each kind. */
export const SLOTS = { api: 2, dialer: 2, gateway: 3, hangup: 2 } as const;
export const mediaUrlOf = (slot: number): string => `wss://gateway-${slot}.example.com/carrier/twilio/media`;
