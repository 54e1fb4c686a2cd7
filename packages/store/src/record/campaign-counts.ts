import type { CampaignCounts, CampaignMinute } from '../ports/campaigns.js';

const DAY_MINUTES = 1_440;

/** From the fields of `counts`. */
export function countsOf(fields: Readonly<Record<string, string>>): CampaignCounts {
  const count = (name: string): number => Number(fields[name] ?? 0);
  const named = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(fields)
        .filter(([name, value]) => name.startsWith(prefix) && value !== '0')
        .map(([name, value]) => [name.slice(prefix.length), Number(value)]),
    );
  return {
    ledger: {
      contacts: count('contacts'),
      pending: count('pending'),
      scheduled: count('scheduled'),
      active: count('active'),
      done: count('done'),
      skipped: named('skipped:'),
      canceled: count('canceled'),
    },
    causes: named('cause:'),
    attempts: count('attempts'),
    answered: count('answered'),
    seconds: count('seconds'),
  };
}

/** @param slots `minute|ended|answered|errors`; a slot is used again every 24 hours */
export function minutesOf(slots: readonly string[], now: number): CampaignMinute[] {
  return slots
    .map((slot) => {
      const [minute = 0, ended = 0, answered = 0, errors = 0] = slot.split('|').map(Number);
      return { minute, ended, answered, errors };
    })
    .filter(({ minute }) => minute > now - DAY_MINUTES)
    .toSorted((a, b) => a.minute - b.minute);
}
