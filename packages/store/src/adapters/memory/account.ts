import type { E164, WaitReason } from '@onhook/contracts';
import type { AccountLimits, CampaignTerms } from '../../ports/admission-control.js';
import type { DoNotCallEntry } from '../../ports/do-not-call.js';

export const DAY_MS = 86_400_000;

export interface MemoryPlace {
  readonly from: E164;
  readonly number: E164;
  /** '' = none. */
  readonly campaign: string;
  readonly minutes: number;
  /** Millionths a minute. */
  readonly price: number;
  readonly turnUs: number;
  readonly triedAt: number | null;
  readonly askedUs: number;
  /** '' = none. */
  readonly gateway: string;
  readonly expiresAt: number;
}

interface Spent {
  minutes: number;
  micros: number;
}

/** What Redis holds under `{acct:…}`, in plain Maps. Counts are not kept but counted. */
export interface MemoryAccount {
  limits: Partial<AccountLimits>;
  isKilled: boolean;
  lastAskedUs: number;
  readonly places: Map<string, MemoryPlace>;
  /** By `a`, `f:<from>`, `c:<campaign>`; microseconds. */
  readonly lastTurns: Map<string, number>;
  spentToday: Spent & { day: number };
  readonly spentByCampaign: Map<string, Spent>;
  /** The places under which a number is being called. */
  readonly fences: Map<E164, ReadonlySet<string>>;
  readonly tries: Map<E164, number[]>;
  readonly doNotCall: Map<E164, DoNotCallEntry>;
  readonly campaigns: Map<string, CampaignTerms>;
  wait: { readonly reason: WaitReason; readonly until: number; readonly goneAt: number } | null;
}

export function newAccount(): MemoryAccount {
  return {
    limits: {},
    isKilled: false,
    lastAskedUs: 0,
    places: new Map(),
    lastTurns: new Map(),
    spentToday: { day: 0, minutes: 0, micros: 0 },
    spentByCampaign: new Map(),
    fences: new Map(),
    tries: new Map(),
    doNotCall: new Map(),
    campaigns: new Map(),
    wait: null,
  };
}

/** @param used billed minutes, or null if nothing was dialed */
export function giveBack(account: MemoryAccount, name: string, used: number | null, now: number): void {
  const place = account.places.get(name);
  if (!place) return;
  account.places.delete(name);
  const others = new Set([...(account.fences.get(place.number) ?? [])].filter((other) => other !== name));
  if (others.size > 0) account.fences.set(place.number, others);
  else account.fences.delete(place.number);
  if (used !== null) spend(account, place, used, now);
  else if (place.triedAt !== null) forgetTry(account, place.number, place.triedAt, now);
}

export function raiseFence(account: MemoryAccount, number: E164, name: string): void {
  account.fences.set(number, new Set([...(account.fences.get(number) ?? []), name]));
}

/** Redis asks its clock anew for each question: no two moments are the same to it. */
export function nextMomentUs(account: MemoryAccount, nowMs: number): number {
  account.lastAskedUs = Math.max(Math.floor(nowMs * 1_000), account.lastAskedUs + 1);
  return account.lastAskedUs;
}

/** Nobody said what became of these: they count in full. */
export function giveBackExpired(account: MemoryAccount, now: number): void {
  for (const [name, { expiresAt, minutes }] of account.places) if (expiresAt <= now) giveBack(account, name, minutes, now);
}

export function spentToday(account: MemoryAccount, now: number): Spent {
  const { day, minutes, micros } = account.spentToday;
  return day === Math.floor(now / DAY_MS) ? { minutes, micros } : { minutes: 0, micros: 0 };
}

/** What places hold back: all of the account, or of one campaign. */
export function heldBack(account: MemoryAccount, campaign?: string): Spent {
  const held = { minutes: 0, micros: 0 };
  for (const place of account.places.values()) {
    if (campaign !== undefined && place.campaign !== campaign) continue;
    held.minutes += place.minutes;
    held.micros += place.minutes * place.price;
  }
  return held;
}

export function triesOf(account: MemoryAccount, number: E164, now: number): number[] {
  return (account.tries.get(number) ?? []).filter((moment) => moment > now - DAY_MS);
}

function forgetTry(account: MemoryAccount, number: E164, triedAt: number, now: number): void {
  const moments = triesOf(account, number, now);
  const at = moments.indexOf(triedAt);
  if (at >= 0) moments.splice(at, 1);
  account.tries.set(number, moments);
}

function spend(account: MemoryAccount, place: MemoryPlace, minutes: number, now: number): void {
  const today = spentToday(account, now);
  const micros = minutes * place.price;
  account.spentToday = { day: Math.floor(now / DAY_MS), minutes: today.minutes + minutes, micros: today.micros + micros };
  if (place.campaign === '') return;
  const before = account.spentByCampaign.get(place.campaign) ?? { minutes: 0, micros: 0 };
  account.spentByCampaign.set(place.campaign, { minutes: before.minutes + minutes, micros: before.micros + micros });
}
