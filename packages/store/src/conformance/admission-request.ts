import type { E164 } from '@onhook/contracts';
import type { AdmissionRequest } from '../ports/admission.js';
import type { CampaignTerms } from '../ports/admission-control.js';
import { FROM, idFor } from './sample-call.js';

export const OTHER_FROM = '+14155550188' as E164;
export const THIRD_FROM = '+14155550177' as E164;
export const BOTH = { fromNumbers: [FROM, OTHER_FROM], limits: {} };

let destinations = 0;
/** A number that nobody else in this run is called at: two calls to one number exclude each other. */
export function nextNumber(): E164 {
  return `+1415${String(2_000_000 + (destinations++ % 7_000_000)).padStart(7, '0')}` as E164;
}

export function request(account: string, given: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    account,
    callId: idFor(account, null),
    n: 1,
    to: nextNumber(),
    destination: { country: 'US', type: 'mobile' },
    from: null,
    leaseMs: 60_000,
    mostMinutes: 2,
    ...given,
  };
}

export const RUNNING: CampaignTerms = {
  state: 'running',
  revision: 1,
  maxConcurrent: null,
  callsPerSecond: null,
  minutes: null,
  micros: null,
};
