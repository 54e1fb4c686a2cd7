import type { Policy } from '@onhook/call';
import type { AutoPause, CallingHours, ContactState, Ledger } from '@onhook/campaign';
import type { CampaignId, E164 } from '@onhook/contracts';

export const CAMPAIGN_STATES = ['draft', 'running', 'paused', 'completed', 'canceled'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** What is to be done with the contacts of a campaign. Times in Redis milliseconds. */
export interface Campaign {
  readonly id: CampaignId;
  readonly account: string;
  readonly createdAt: number;
  readonly state: CampaignState;
  /** Who stopped it last. */
  readonly pausedBy: 'operator' | 'errors' | 'test' | null;
  /** When it last began to run. */
  readonly runningSince: number | null;
  readonly name: string;
  readonly agentId: string;
  /** None: all numbers of the account. */
  readonly fromNumbers: readonly E164[];
  readonly hours: CallingHours;
  readonly fallbackTimeZone: string | null;
  readonly startAt: number | null;
  readonly endAt: number | null;
  readonly maxConcurrent: number | null;
  readonly callsPerSecond: number | null;
  readonly rampUpSec: number;
  /** Relative to the other running campaigns. */
  readonly weight: number;
  readonly minutes: number | null;
  readonly micros: number | null;
  readonly autoPause: AutoPause | null;
  /** Dials the first contact only, and then pauses. */
  readonly testMode: boolean;
  /** Of its calls; `latestAt` is `endAt`. */
  readonly policy: Policy;
  /** What each contact must bring for the agent to have all its words. */
  readonly requiredVariables: readonly string[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

export interface KeptCampaign {
  readonly campaign: Campaign;
  /** Goes up with each change: what was worked out from another one has to be worked out again. */
  readonly revision: number;
}

/** What campaigns are to do. Their contacts: `Contacts`. */
export interface Campaigns {
  create(campaign: Campaign): Promise<KeptCampaign>;
  load(id: CampaignId): Promise<KeptCampaign | null>;
  /** Null: it has changed since that revision, or is gone. */
  change(revision: number, campaign: Campaign): Promise<KeptCampaign | null>;
  /** Newest first. `cursor` as returned by the page before. */
  list(page: { limit: number; cursor: string | null }): Promise<{ campaigns: KeptCampaign[]; nextCursor: string | null }>;
  /** With its contacts. The calls that were made stay. */
  remove(id: CampaignId): Promise<void>;
  /** All that may have something to do. */
  running(): Promise<CampaignId[]>;
  setRunning(id: CampaignId, isRunning: boolean): Promise<void>;
  /** Whether this process is the one that feeds, for so long. Asking again renews. */
  holdFeeder(holder: string, forMs: number): Promise<boolean>;
  releaseFeeder(holder: string): Promise<void>;
}

/** A row as it was imported. */
export interface NewContact {
  readonly to: E164;
  readonly name: string | null;
  /** The client's own name for it; without one the number names it. No two contacts of a campaign have the same. */
  readonly externalId: string | null;
  /** IANA, if the contact said so itself. */
  readonly timeZone: string | null;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
}

/** Where a contact stands: `block:index`. */
export type ContactRef = string;

/** What has become of a contact. */
export interface ContactMark {
  readonly state: ContactState;
  /** Of the present round; 0: none yet. */
  readonly attempts: number;
  /** Why its call ended, or why it is skipped. */
  readonly reason: string | null;
  readonly round: number;
  readonly wasAnswered: boolean;
  readonly endedAt: number | null;
  readonly durationSec: number | null;
}

export interface Contact extends NewContact, ContactMark {
  readonly ref: ContactRef;
  /** In one of which it is; none: nobody knows, and it is not called. */
  readonly zones: readonly string[];
}

/** What happened to a contact's call. Later steps never give way to earlier ones. */
export interface ContactStep {
  readonly state: Exclude<ContactState, 'pending'>;
  /** `active`: in which attempt it is (1 also before the first). `scheduled`: after which one. Over: how many there were. */
  readonly attempts: number;
  readonly reason: string | null;
  readonly isError: boolean;
  readonly wasAnswered: boolean;
  readonly endedAt: number | null;
  readonly durationSec: number | null;
}

/** Contacts that were taken from the waiting ones and are to get their calls. */
export interface Fed {
  /** `block:first:last`. */
  readonly batch: string;
  readonly contacts: readonly (NewContact & {
    readonly ref: ContactRef;
    readonly round: number;
    readonly zones: readonly string[];
  })[];
}

export interface CampaignCounts {
  readonly ledger: Ledger;
  /** Of contacts that are done, by the cause of their call's end. */
  readonly causes: Readonly<Record<string, number>>;
  readonly attempts: number;
  /** Contacts whose call was answered. */
  readonly answered: number;
  /** Of answered calls. */
  readonly seconds: number;
}

/** What happened in one minute. */
export interface CampaignMinute {
  readonly minute: number;
  readonly ended: number;
  readonly answered: number;
  readonly errors: number;
}

/** The contacts of a campaign: each is in exactly one state, and the counts change with it in one step. */
export interface Contacts {
  /**
   * Adds at most `BLOCK_SIZE` contacts of the same time zones (none: they are skipped as `time-zone-unknown`).
   *
   * @param token of this block alone: whoever adds it again under the same one, because the answer was lost, gets that answer
   * @returns which of them (by position) were in the campaign before, or stood twice in the block: these are left out
   */
  add(
    id: CampaignId,
    zones: readonly string[],
    contacts: readonly NewContact[],
    token: string,
  ): Promise<{ readonly duplicates: readonly number[] }>;
  counts(id: CampaignId): Promise<CampaignCounts>;
  /** The last 24 hours, oldest first; minutes in which nothing happened are left out. */
  series(id: CampaignId): Promise<CampaignMinute[]>;
  /** In the order of their blocks. `after`: the last one of the page before. */
  page(id: CampaignId, page: { limit: number; after: ContactRef | null }): Promise<Contact[]>;
  contact(id: CampaignId, ref: ContactRef): Promise<Contact | null>;
  /** Time zones, and how many contacts wait there. */
  waiting(id: CampaignId): Promise<{ readonly zones: readonly string[]; readonly count: number }[]>;
  /** Takes the next ones that wait in these zones, while the campaign runs: they are active now, and `feeding` until `fed`. */
  take(id: CampaignId, zones: readonly string[], count: number): Promise<Fed[]>;
  /** Taken, and perhaps without their calls: a process that died in between. */
  feeding(id: CampaignId): Promise<Fed[]>;
  fed(id: CampaignId, batch: string): Promise<void>;
  /** Moves one contact and the counts with it. False: nothing has changed, for it was there, further on, or in another round. */
  step(id: CampaignId, contact: { ref: ContactRef; round: number }, step: ContactStep): Promise<boolean>;
  /** Some of the contacts under way, in rounds: those of a few blocks from `cursor` on. `cursor` 0 begins and ends a round. */
  underWay(id: CampaignId, cursor: string): Promise<{ contacts: { ref: ContactRef; round: number }[]; cursor: string }>;
  /** Its call waits until then (Redis milliseconds), and not for its turn: others may go before it. */
  hold(id: CampaignId, ref: ContactRef, until: number): Promise<void>;
  /** How many are held beyond this moment. */
  held(id: CampaignId, at: number): Promise<number>;
  /** All that wait are `canceled`, or skipped for this reason. */
  close(id: CampaignId, why: 'canceled' | 'expired'): Promise<number>;
  /** Takes up again what is done for one of these causes; they wait as before. */
  again(id: CampaignId, causes: readonly string[]): Promise<number>;
  /** The refused rows of an import, kept for a while. */
  saveFailures(id: CampaignId, importId: string, csv: string): Promise<void>;
  loadFailures(id: CampaignId, importId: string): Promise<string | null>;
}

/** Contacts that are packed together: few enough to unpack at once, many enough to pack well. */
export const BLOCK_SIZE = 128;
