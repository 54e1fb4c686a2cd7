import type { E164 } from '@onhook/contracts';
import { createKeys } from '../../keys.js';
import type { Admission, AdmissionRequest, Places } from '../../ports/admission.js';
import type { AccountLimits } from '../../ports/admission-control.js';
import {
  admitted,
  GRANT_LASTS_MS,
  momentsOf,
  notOurNumber,
  parsePlaceName,
  placeName,
  TURNS_AHEAD_MS,
  type AdmitAnswer,
} from '../../record/admitted.js';
import { checkCampaignId } from '../../record/campaign-terms.js';
import { fromChoice, isOwnChoice } from '../../record/from-choice.js';
import { UNLIMITED, writeLimits } from '../../record/limits.js';
import { OPEN_VAULT, type Vault } from '../../vault.js';
import { createAdmissionScripts } from './admission-scripts.js';
import { ask } from './ask.js';
import type { RedisClient } from './connect.js';

export interface RedisAdmissionDeps {
  /** Of kind `producer`. Whoever connected it also closes it. */
  readonly redis: RedisClient;
  readonly prefix: string;
  /** At least one. */
  readonly fromNumbers: readonly E164[];
  /** Where `AdmissionControl` has set none; no limit is one too. */
  readonly limits: Partial<AccountLimits>;
  /** Names numbers; the same in every process. */
  readonly vault?: Vault;
}

export function createRedisAdmission({ redis, prefix, fromNumbers, limits, vault = OPEN_VAULT }: RedisAdmissionDeps): Admission {
  if (fromNumbers.length === 0) throw new Error('admission needs at least one number to call from');
  const run = createAdmissionScripts({ redis, keys: createKeys(prefix) });
  const unless = writeLimits({ ...UNLIMITED, ...limits });
  const hashes = new Map(fromNumbers.map((number) => [number, vault.nameOf(number)]));
  return {
    ...createRedisPlaces({ redis, prefix, vault }),
    async ask(request) {
      const choice = fromChoice(request, fromNumbers);
      if (choice.length === 0) return notOurNumber(await nowMs());
      const from = choice.map((number) => hashes.get(number)!);
      const seats = (request.gateways ?? []).flatMap((one) => [one.gatewayId, one.seats, one.live]);
      const answer = await run('admit', request.account, [
        ...argsOf(request, vault.nameOf(request.to), from.length),
        ...unless,
        ...from,
        ...seats,
      ]);
      return admitted(answer as AdmitAnswer, choice);
    },
  };

  async function nowMs(): Promise<number> {
    const [seconds, microseconds] = await ask(() => redis.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }
}

/** ARGV 1–15 of admit.lua. */
function argsOf(request: AdmissionRequest, number: string, fromNumbers: number): (string | number)[] {
  const { callId, n, destination, leaseMs, mostMinutes, campaign, window } = request;
  return [
    placeName(callId, n),
    number,
    destination.country,
    destination.type,
    leaseMs,
    mostMinutes,
    campaign ? checkCampaignId(campaign.id) : '',
    campaign?.revision ?? '',
    window?.opensAt ?? '',
    window?.closesAt ?? '',
    TURNS_AHEAD_MS,
    GRANT_LASTS_MS,
    isOwnChoice(request) ? 1 : 0,
    request.gateways ? 1 : 0,
    fromNumbers,
  ];
}

/** For who gives places back and puts them right, but never grants. */
export function createRedisPlaces({
  redis,
  prefix,
  vault = OPEN_VAULT,
}: Pick<RedisAdmissionDeps, 'redis' | 'prefix' | 'vault'>): Places {
  const keys = createKeys(prefix);
  const run = createAdmissionScripts({ redis, keys });
  return {
    async release(account, callId, n, used, askedUs) {
      await run('release', account, [placeName(callId, n), used === 'not-dialed' ? '' : used, askedUs ?? '']);
    },
    async places(account) {
      const of = keys.account(account);
      const expiring = await ask(() => redis.zrangebyscore(of('in-flight'), '-inf', '+inf', 'WITHSCORES'));
      const names = expiring.filter((_, i) => i % 2 === 0);
      const kept = names.length === 0 ? [] : await ask(() => redis.hmget(of('places'), ...names));
      return names.flatMap((name, i) => {
        const place = kept[i];
        if (typeof place !== 'string') return [];
        const { turnUs, askedUs } = momentsOf(place);
        const grantedAt = Math.floor(turnUs / 1_000);
        return [{ ...parsePlaceName(name), grantedAt, askedUs, expiresAt: Number(expiring[2 * i + 1]) }];
      });
    },
    async restore({ account, callId, n, to, from, campaignId, mostMinutes, microsPerMinute, gatewayId, expiresAt }) {
      const campaign = campaignId === null ? '' : checkCampaignId(campaignId);
      const held = [campaign, mostMinutes, expiresAt, microsPerMinute ?? '', gatewayId ?? ''];
      const askedUs = await run('restore', account, [placeName(callId, n), vault.nameOf(to), vault.nameOf(from), ...held]);
      return Number(askedUs) || null;
    },
  };
}
