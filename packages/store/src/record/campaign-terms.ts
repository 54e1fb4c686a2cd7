import type { CampaignTerms } from '../ports/admission-control.js';
import type { KeptCampaign } from '../ports/campaigns.js';

const limit = (value: number | null): string => (value === null ? 'none' : String(value));
const read = (text: string | undefined): number | null => (text === undefined || text === 'none' ? null : Number(text));

/** As admit.lua reads them. */
export function writeTerms({ state, revision, maxConcurrent, callsPerSecond, minutes, micros }: CampaignTerms): string {
  const numbers = [maxConcurrent, callsPerSecond, minutes, micros];
  if (
    ![revision, ...numbers].every((value) => value === null || (Number.isFinite(value) && value >= 0)) ||
    callsPerSecond === 0
  ) {
    throw new RangeError('the terms of a campaign are numbers from 0 up, its calls per second more than 0');
  }
  return [state, revision, ...numbers.map(limit)].join('|');
}

export function readTerms(text: string): CampaignTerms {
  const [state, revision, maxConcurrent, callsPerSecond, minutes, micros] = text.split('|');
  return {
    state: state as CampaignTerms['state'],
    revision: Number(revision),
    maxConcurrent: read(maxConcurrent),
    callsPerSecond: read(callsPerSecond),
    minutes: read(minutes),
    micros: read(micros),
  };
}

/** It becomes part of field names. */
export function checkCampaignId(id: string): string {
  if (!/^[\w-]{1,64}$/.test(id)) throw new RangeError('a campaign id has 1–64 letters, digits, "_" or "-"');
  return id;
}

/** What admission has to know of a campaign. */
export function termsOf(
  { campaign, revision }: KeptCampaign,
  callsPerSecond: number | null = campaign.callsPerSecond,
): CampaignTerms {
  const { state, maxConcurrent, minutes, micros } = campaign;
  return { state: state === 'draft' ? 'paused' : state, revision, maxConcurrent, callsPerSecond, minutes, micros };
}
