import type { Clock } from '@onhook/service';
import type { Quotas } from '@onhook/store';
import type { RequestHandler } from 'express';
import { principalOf } from './principal.js';
import { refuse } from './problems.js';
import type { Within } from './within.js';

export interface RateLimitDeps {
  readonly quotas: Quotas;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly within: Within;
  /** Of each API key, over all processes; null: no limit. */
  readonly requestsPerMinute: number | null;
}

interface Share {
  /** Taken from the quota and not used yet. */
  mine: number;
  /** Left in the quota for whoever takes it. */
  left: number;
  /** By the monotonic clock: from then on a new minute counts. */
  resetsAt: number;
  taking: Promise<void> | null;
}

/** A process takes a twentieth of the minute's requests at a time: counting them costs one question to Redis in so many requests. */
const SHARES = 20;
const MOST_KEYS = 10_000;

/** Counts requests by API key, and tells everybody how many are left (draft-ietf-httpapi-ratelimit-headers-10). */
export function createRateLimit({ quotas, clock, within, requestsPerMinute: limit }: RateLimitDeps): RequestHandler {
  if (limit === null) return (_request, _response, next) => next();
  const shares = new Map<string, Share>();
  const portion = Math.ceil(limit / SHARES);

  async function take(keyId: string, share: Share): Promise<void> {
    const { taken, left, resetsInMs } = await within(quotas.take(keyId, portion, limit!));
    share.mine += taken;
    share.left = left;
    share.resetsAt = clock.monotonicMs() + resetsInMs;
  }

  function shareOf(keyId: string): Share {
    let share = shares.get(keyId);
    if (!share) {
      // Whoever is forgotten only takes a new portion.
      if (shares.size >= MOST_KEYS) shares.clear();
      share = { mine: 0, left: 0, resetsAt: -Infinity, taking: null };
      shares.set(keyId, share);
    }
    return share;
  }

  return async (_request, response, next) => {
    const principal = principalOf(response);
    if (!principal) return next();
    const share = shareOf(principal.keyId);
    if (clock.monotonicMs() >= share.resetsAt) share.mine = 0;
    // What is used up in this minute stays so: asking again would not help, and would be what a flood does.
    if (share.mine === 0 && (share.left > 0 || clock.monotonicMs() >= share.resetsAt)) {
      share.taking ??= take(principal.keyId, share).finally(() => (share.taking = null));
      await share.taking;
    }
    const resetsInSec = Math.max(1, Math.ceil((share.resetsAt - clock.monotonicMs()) / 1_000));
    const allowed = share.mine > 0;
    if (allowed) share.mine -= 1;
    response.setHeader('RateLimit-Policy', `"requests";q=${limit};w=60`);
    response.setHeader('RateLimit', `"requests";r=${share.mine + share.left};t=${resetsInSec}`);
    if (allowed) return next();
    refuse(response, 'rate-limited', { headers: { 'Retry-After': String(resetsInSec) } });
  };
}
