import type { Cause, E164, GatewayId, Party, WaitReason } from '@onhook/contracts';
import type { AdmissionRequest, Admitted } from '../../ports/admission.js';
import type { AccountLimits, CampaignTerms } from '../../ports/admission-control.js';
import { GRANT_LASTS_MS, placeName, TURNS_AHEAD_MS } from '../../record/admitted.js';
import { isOwnChoice } from '../../record/from-choice.js';
import {
  DAY_MS,
  giveBack,
  giveBackExpired,
  heldBack,
  nextMomentUs,
  raiseFence,
  spentToday,
  triesOf,
  type MemoryAccount,
  type MemoryPlace,
} from './account.js';

const AHEAD_US = TURNS_AHEAD_MS * 1_000;

export interface AdmitInput {
  readonly account: MemoryAccount;
  readonly request: AdmissionRequest;
  readonly choice: readonly E164[];
  readonly limits: AccountLimits;
  /** Milliseconds; its thousandths are looked at. */
  readonly now: number;
}

/** The twin of admit.lua: the same questions in the same order. */
export function admit({ account, request, choice, limits, now: exactNow }: AdmitInput): Admitted {
  const nowUs = nextMomentUs(account, exactNow);
  const now = Math.floor(exactNow);
  const { to: number, destination, campaign, window, leaseMs, mostMinutes } = request;
  const name = placeName(request.callId, request.n);
  giveBackExpired(account, now);
  let place = account.places.get(name);

  const no = <Answer extends Admitted>(answer: Answer): Answer => {
    giveBack(account, name, null, now);
    return answer;
  };
  const refused = (cause: Cause, by: Party): Admitted => no({ verdict: 'refused', cause, by });
  const held = (ms: number, reason: WaitReason): Admitted => no({ verdict: 'held', until: Math.floor(now + ms), reason });
  const heldInPlace = (ms: number, reason: WaitReason): Admitted => ({ verdict: 'held', until: now + Math.ceil(ms), reason });
  const accountWaits = (ms: number, reason: WaitReason): Admitted => {
    const retryInMs = Math.ceil(ms);
    account.wait = { reason, until: now + retryInMs, goneAt: now + retryInMs + 2_000 };
    return { verdict: 'account-waits', retryInMs, reason };
  };
  const granted = (held: MemoryPlace): Admitted => {
    account.places.set(name, { ...held, askedUs: nowUs, gateway: seat, expiresAt });
    const { from, turnUs, price: microsPerMinute } = held;
    const inMs = Math.max(0, Math.ceil((turnUs - nowUs) / 1_000));
    const gatewayId = seat === '' ? null : (seat as GatewayId);
    return { verdict: 'granted', from, turnUs, inMs, microsPerMinute, askedUs: nowUs, gatewayId };
  };

  if (account.isKilled) {
    giveBack(account, name, null, now);
    return accountWaits(1_000, 'kill-switch');
  }
  if (account.doNotCall.has(number)) return refused('do-not-call', 'platform');
  if (limits.countries && !limits.countries.includes(destination.country)) return refused('country-not-allowed', 'platform');
  if (limits.numberTypes && !limits.numberTypes.includes(destination.type)) return refused('number-type-not-allowed', 'platform');

  const terms = campaign ? account.campaigns.get(campaign.id) : undefined;
  if (campaign) {
    if (terms?.state === 'canceled') return refused('canceled', 'operator');
    if (terms?.state !== 'running') return held(60_000, 'campaign-not-running');
    if (terms.revision !== campaign.revision) return held(1_000, 'campaign-changed');
  }
  if (window && now < window.opensAt) return held(window.opensAt - now, 'outside-calling-window');
  if (window && now >= window.closesAt) return held(1_000, 'outside-calling-window');

  if (place && !choice.includes(place.from)) {
    giveBack(account, name, null, now);
    place = undefined;
  }
  const expiresAt = Math.max(place?.expiresAt ?? 0, now + leaseMs);
  const seat = seatFor(place?.gateway ?? '');
  const isSeatless = request.gateways !== undefined && seat === '';
  if (place && isSeatless) return accountWaits(500, 'no-gateway-seat');
  if (place && nowUs - place.turnUs <= GRANT_LASTS_MS * 1_000) return granted(place);

  const price = limits.microsPerMinute?.[destination.country] ?? limits.microsPerMinute?.['*'] ?? 0;
  if (!place) {
    const full = whyNoPlace();
    if (full) return full;
  }

  const accountUs = turnAfter(account.lastTurns.get('a'), limits.callsPerSecond);
  if (accountUs - nowUs > AHEAD_US) return accountWaits(waitMs(accountUs), 'calls-per-second');
  const campaignUs = campaign ? turnAfter(account.lastTurns.get(`c:${campaign.id}`), terms?.callsPerSecond ?? null) : nowUs;
  if (campaignUs - nowUs > AHEAD_US) return heldInPlace(waitMs(campaignUs), 'campaign-calls-per-second');

  const best = place ? candidate(place.from) : bestOf(choice.map(candidate).filter(({ busy }) => busy < mostOfFrom()));
  if (!best || best.turnUs - nowUs > AHEAD_US) {
    const ms = best ? waitMs(best.turnUs) : isOwnChoice(request) ? 2_000 : 500;
    return isOwnChoice(request) ? heldInPlace(ms, 'from-numbers-busy') : accountWaits(ms, 'from-numbers-busy');
  }

  const isCounted = limits.attemptsPerNumberPerDay !== null;
  const fresh = {
    from: best.from,
    number,
    campaign: campaign?.id ?? '',
    minutes: mostMinutes,
    price,
    triedAt: isCounted ? now : null,
    askedUs: nowUs,
    gateway: seat,
    expiresAt,
  };
  for (const whose of ['a', `f:${best.from}`, ...(campaign ? [`c:${campaign.id}`] : [])])
    account.lastTurns.set(whose, best.turnUs);
  if (!place) {
    raiseFence(account, number, name);
    if (isCounted) account.tries.set(number, [...triesOf(account, number, now), now]);
  }
  return granted({ ...(place ?? fresh), turnUs: best.turnUs });

  /** The one it has, else the emptiest, by shares; '' = none. */
  function seatFor(own: string): string {
    if (request.gateways === undefined || request.gateways.some(({ gatewayId }) => gatewayId === own)) return own;
    let best = { gateway: '', full: 1 };
    for (const { gatewayId, seats, live } of request.gateways) {
      const taken = [...account.places.values()].filter(({ gateway }) => gateway === gatewayId).length;
      const full = Math.max(taken, live) / seats;
      if (full < best.full) best = { gateway: gatewayId, full };
    }
    return best.gateway;
  }

  function whyNoPlace(): Admitted | null {
    const most = limits.attemptsPerNumberPerDay;
    const tries = most === null ? [] : triesOf(account, number, now);
    if (most !== null && tries.length >= most) {
      return { verdict: 'held', until: (tries[tries.length - most] ?? now) + DAY_MS, reason: 'attempts-per-day' };
    }
    if (account.fences.has(number)) return held(10_000, 'destination-busy');
    const spent = spentToday(account, now);
    const all = heldBack(account);
    const minutesLeft = left(limits.minutesPerDay, spent.minutes, all.minutes);
    const microsLeft = left(limits.microsPerDay, spent.micros, all.micros);
    if (minutesLeft <= 0) return accountWaits(5_000, 'minutes-per-day');
    const hasNoPrice = limits.microsPerDay !== null && limits.microsPerMinute === null;
    if (microsLeft <= 0 || hasNoPrice) return accountWaits(5_000, 'money-per-day');
    if (minutesLeft < mostMinutes || microsLeft < mostMinutes * price) return held(30_000, 'call-exceeds-budget');
    if (campaign && terms) {
      const full = whyCampaignIsFull(campaign.id, terms);
      if (full) return full;
    }
    if (account.places.size < (limits.maxConcurrent ?? Infinity)) return isSeatless ? accountWaits(500, 'no-gateway-seat') : null;
    const soonest = account.places.size === 0 ? now : Math.min(...[...account.places.values()].map((one) => one.expiresAt));
    return accountWaits(Math.min(Math.max(soonest - now, 100), 1_000), 'max-concurrent');
  }

  function whyCampaignIsFull(id: string, { minutes, micros, maxConcurrent }: CampaignTerms): Admitted | null {
    const spent = account.spentByCampaign.get(id) ?? { minutes: 0, micros: 0 };
    const ofIt = heldBack(account, id);
    if (left(minutes, spent.minutes, ofIt.minutes) < mostMinutes) return held(30_000, 'campaign-budget');
    if (left(micros, spent.micros, ofIt.micros) < mostMinutes * price) return held(30_000, 'campaign-budget');
    const inFlight = [...account.places.values()].filter((one) => one.campaign === id).length;
    return inFlight >= (maxConcurrent ?? Infinity) ? held(2_000, 'campaign-max-concurrent') : null;
  }

  function turnAfter(last: number | undefined, perSecond: number | null): number {
    if (last === undefined || perSecond === null) return nowUs;
    return Math.max(nowUs, Math.min(last, nowUs + AHEAD_US) + Math.ceil(1_000_000 / perSecond));
  }

  function waitMs(turnUs: number): number {
    return Math.max(10, (turnUs - nowUs - AHEAD_US / 2) / 1_000);
  }

  function mostOfFrom(): number {
    return limits.maxConcurrentPerFrom ?? Infinity;
  }

  function candidate(from: E164): Candidate {
    const last = account.lastTurns.get(`f:${from}`);
    const busy = [...account.places.values()].filter((one) => one.from === from).length;
    return {
      from,
      busy,
      last: last ?? 0,
      turnUs: Math.max(accountUs, campaignUs, turnAfter(last, limits.callsPerSecondPerFrom)),
    };
  }
}

interface Candidate {
  readonly from: E164;
  readonly busy: number;
  readonly last: number;
  readonly turnUs: number;
}

/** Whose turn comes first; of these the least busy; of these the one that rested longest. */
function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted((a, b) => a.turnUs - b.turnUs || a.busy - b.busy || a.last - b.last)[0];
}

function left(limit: number | null, spent: number, held: number): number {
  return limit === null ? Infinity : limit - spent - held;
}
