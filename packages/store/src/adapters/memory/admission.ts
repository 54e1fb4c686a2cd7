import type { E164 } from '@onhook/contracts';
import type { Admission, Places } from '../../ports/admission.js';
import type { AccountLimits } from '../../ports/admission-control.js';
import { notOurNumber, parsePlaceName, placeName } from '../../record/admitted.js';
import { checkCampaignId } from '../../record/campaign-terms.js';
import { fromChoice } from '../../record/from-choice.js';
import { UNLIMITED, writeLimits } from '../../record/limits.js';
import { giveBack, nextMomentUs, raiseFence } from './account.js';
import { admit } from './admit.js';
import { accountOf, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export interface MemoryAdmissionDeps {
  readonly database: MemoryDatabase;
  readonly fromNumbers: readonly E164[];
  readonly limits?: Partial<AccountLimits>;
  readonly faults?: MemoryFaults;
}

/** The twin of the Redis admission. */
export function createMemoryAdmission({ database, fromNumbers, limits = {}, faults = {} }: MemoryAdmissionDeps): Admission {
  if (fromNumbers.length === 0) throw new Error('admission needs at least one number to call from');
  const unless = { ...UNLIMITED, ...limits };
  writeLimits(unless);
  return {
    ...createMemoryPlaces({ database, faults }),
    ask: (request) =>
      step(faults, () => {
        const choice = fromChoice(request, fromNumbers);
        if (request.campaign) checkCampaignId(request.campaign.id);
        const now = database.clock.now();
        if (choice.length === 0) return notOurNumber(Math.floor(now));
        const account = accountOf(database, request.account);
        return admit({ account, request, choice, limits: { ...unless, ...account.limits }, now });
      }),
  };
}

function createMemoryPlaces({ database, faults }: { database: MemoryDatabase; faults: MemoryFaults }): Places {
  const now = (): number => Math.floor(database.clock.now());
  return {
    release: (account, callId, n, used, askedUs) =>
      step(faults, () => {
        const state = accountOf(database, account);
        const name = placeName(callId, n);
        if (askedUs !== undefined && state.places.get(name)?.askedUs !== askedUs) return;
        giveBack(state, name, used === 'not-dialed' ? null : used, now());
      }),
    places: (account) =>
      step(faults, () => {
        const held = [...accountOf(database, account).places].toSorted(([, a], [, b]) => a.expiresAt - b.expiresAt);
        return held.map(([name, { turnUs, askedUs, expiresAt }]) => ({
          ...parsePlaceName(name),
          grantedAt: Math.floor(turnUs / 1_000),
          askedUs,
          expiresAt,
        }));
      }),
    restore: ({ account, callId, n, to, from, campaignId, mostMinutes, microsPerMinute, gatewayId, expiresAt }) =>
      step(faults, () => {
        const state = accountOf(database, account);
        const name = placeName(callId, n);
        if (campaignId !== null) checkCampaignId(campaignId);
        if (expiresAt <= now() || state.places.has(name)) return null;
        const askedUs = nextMomentUs(state, database.clock.now());
        state.places.set(name, {
          from,
          number: to,
          campaign: campaignId ?? '',
          minutes: mostMinutes,
          price: microsPerMinute ?? state.limits.microsPerMinute?.['*'] ?? 0,
          turnUs: askedUs,
          triedAt: null,
          askedUs,
          gateway: gatewayId ?? '',
          expiresAt,
        });
        raiseFence(state, to, name);
        return askedUs;
      }),
  };
}
