import type { E164 } from '@onhook/contracts';
import type { Admitted } from '../ports/admission.js';

const LOOK_AGAIN_MS = 60_000;

export function admitted(from: E164): Admitted {
  return { verdict: 'granted', from };
}

/** A place may become free at any time, by a release; not later than by the soonest lease's end. */
export function refused(soonestInMs: number): Admitted {
  return { verdict: 'account-waits', retryInMs: Math.min(Math.max(soonestInMs, 100), 1_000), reason: 'max-concurrent' };
}

/** The number asked for is not configured (any more). Somebody has to put it right; the API shows why the call waits. */
export function notOurNumber(now: number): Admitted {
  return { verdict: 'held', until: now + LOOK_AGAIN_MS, reason: 'from-not-configured' };
}
