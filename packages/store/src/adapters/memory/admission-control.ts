import type { AccountLimits, AdmissionControl, LimitsChange } from '../../ports/admission-control.js';
import { checkCampaignId, writeTerms } from '../../record/campaign-terms.js';
import { writeChange } from '../../record/limits.js';
import { heldBack, spentToday } from './account.js';
import { accountOf, type MemoryDatabase } from './database.js';
import { step, type MemoryFaults } from './faults.js';

export function createMemoryAdmissionControl({
  database,
  faults = {},
}: {
  database: MemoryDatabase;
  faults?: MemoryFaults;
}): AdmissionControl {
  const of = (account: string) => accountOf(database, account);
  const now = (): number => Math.floor(database.clock.now());
  return {
    limits: (account) => step(faults, () => structuredClone(of(account).limits)),
    setLimits: (account, change) =>
      step(faults, () => {
        writeChange(change);
        of(account).limits = changed(of(account).limits, change);
      }),
    isKilled: (account) => step(faults, () => of(account).isKilled),
    setKillSwitch: (account, on) => step(faults, () => void (of(account).isKilled = on)),
    campaign: (account, id) => step(faults, () => of(account).campaigns.get(checkCampaignId(id)) ?? null),
    setCampaign: (account, id, terms) =>
      step(faults, () => {
        checkCampaignId(id);
        if (terms) {
          writeTerms(terms);
          of(account).campaigns.set(id, { ...terms });
          return;
        }
        of(account).campaigns.delete(id);
      }),
    campaignInFlight: (account, id) =>
      step(faults, () => [...of(account).places.values()].filter(({ campaign }) => campaign === checkCampaignId(id)).length),
    usage: (account) =>
      step(faults, () => {
        const today = spentToday(of(account), now());
        const held = heldBack(of(account));
        return {
          inFlight: of(account).places.size,
          lastTurnAt: Math.floor((of(account).lastTurns.get('a') ?? 0) / 1_000),
          minutesToday: today.minutes,
          microsToday: today.micros,
          minutesHeld: held.minutes,
          microsHeld: held.micros,
        };
      }),
    inFlightFrom: (account, numbers) =>
      step(faults, () => {
        const places = [...of(account).places.values()];
        return numbers.map((number) => places.filter(({ from }) => from === number).length);
      }),
    accountWait: (account) =>
      step(faults, () => {
        const { wait } = of(account);
        return wait && wait.goneAt > now() ? { reason: wait.reason, until: wait.until } : null;
      }),
  };
}

function changed(limits: Partial<AccountLimits>, change: LimitsChange): Partial<AccountLimits> {
  const all = Object.entries({ ...limits, ...change }).filter(([, value]) => value !== undefined && value !== 'default');
  return structuredClone(Object.fromEntries(all)) as Partial<AccountLimits>;
}
