/** What kind of telephone a number is, as far as numbering plans tell. */
export const NUMBER_TYPES = [
  'mobile',
  'fixed-line',
  'fixed-line-or-mobile',
  'voip',
  'toll-free',
  'premium-rate',
  'shared-cost',
  'personal',
  'pager',
  'uan',
  'voicemail',
  'satellite',
  /** `+1 500 555 xxxx`: Twilio's own test numbers. No network carries them; a simulator answers them. */
  'test',
  'unknown',
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** Where a call to a number goes, found out by pure code before admission is asked. */
export interface Destination {
  /** ISO 3166-1 alpha-2; `ZZ` where a number belongs to no country. */
  readonly country: string;
  readonly type: NumberType;
}
