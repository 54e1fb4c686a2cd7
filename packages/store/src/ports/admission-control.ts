import type { E164, NumberType, WaitReason } from '@onhook/contracts';

/** What operators set, and admission obeys from the next question on. */
export interface AdmissionControl {
  /** What was set here; what is missing is as the dialer's own configuration says. */
  limits(account: string): Promise<Partial<AccountLimits>>;
  /** `undefined` leaves a limit as it is, `null` means no limit, `'default'` the dialer's own configuration again. */
  setLimits(account: string, change: LimitsChange): Promise<void>;
  isKilled(account: string): Promise<boolean>;
  /** On: nothing is dialed. Calls under way are not touched. */
  setKillSwitch(account: string, on: boolean): Promise<void>;
  campaign(account: string, id: string): Promise<CampaignTerms | null>;
  /** Null forgets the terms; what it has spent stays, for an id means one campaign for ever. */
  setCampaign(account: string, id: string, terms: CampaignTerms | null): Promise<void>;
  /** Attempts of this campaign in flight. */
  campaignInFlight(account: string, id: string): Promise<number>;
  usage(account: string): Promise<AccountUsage>;
  /** Attempts in flight from each of these numbers. */
  inFlightFrom(account: string, numbers: readonly E164[]): Promise<number[]>;
  /** Why the whole account waited just now. */
  accountWait(account: string): Promise<{ readonly reason: WaitReason; readonly until: number } | null>;
}

/** `null` is no limit. */
export interface AccountLimits {
  /** Attempts in flight at a time. */
  readonly maxConcurrent: number | null;
  readonly callsPerSecond: number | null;
  /** Of each number that is called from. */
  readonly maxConcurrentPerFrom: number | null;
  readonly callsPerSecondPerFrom: number | null;
  /** To one number within any 24 hours, over all campaigns. Counted only while there is such a limit. */
  readonly attemptsPerNumberPerDay: number | null;
  /** ISO 3166-1 alpha-2. */
  readonly countries: readonly string[] | null;
  readonly numberTypes: readonly NumberType[] | null;
  /** Billed minutes within a day (UTC), those that calls in flight may still use among them. */
  readonly minutesPerDay: number | null;
  /** Likewise, in millionths of the currency of `microsPerMinute`. */
  readonly microsPerDay: number | null;
  /** What a minute costs, by country; `*` stands for all others. Needed for a budget of money. */
  readonly microsPerMinute: Readonly<Record<string, number>> | null;
}

export type LimitsChange = { readonly [Name in keyof AccountLimits]?: AccountLimits[Name] | 'default' };

export interface CampaignTerms {
  readonly state: 'running' | 'paused' | 'canceled' | 'completed';
  /** Whoever worked out a calling window from another revision has to do so again. */
  readonly revision: number;
  readonly maxConcurrent: number | null;
  readonly callsPerSecond: number | null;
  /** Over the whole of its life. */
  readonly minutes: number | null;
  readonly micros: number | null;
}

export interface AccountUsage {
  readonly inFlight: number;
  /** The last turn that the account gave, which may lie a little ahead; 0: none yet. Redis milliseconds. */
  readonly lastTurnAt: number;
  /** Of this day (UTC). */
  readonly minutesToday: number;
  readonly microsToday: number;
  /** Held back for calls in flight. */
  readonly minutesHeld: number;
  readonly microsHeld: number;
}
