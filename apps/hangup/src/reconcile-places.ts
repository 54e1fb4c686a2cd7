import { currentAttempt, isLive, leaseMs, mostMinutes, ownerOf, usedMinutes, type Call } from '@onhook/call';
import type { Logger } from '@onhook/service';
import type { Calls, LostPlace, Place, Places } from '@onhook/store';
import { loadKnown } from './load-known.js';
import { inBatches } from './in-batches.js';

/** Between a grant and the commit of its dial. A place that is older and has no dial is nobody's. */
const GRANT_IS_YOUNG_MS = 60_000;
const AT_ONCE = 50;

/**
 * Whether the place of this attempt has been forgotten about. Never on a guess: an attempt whose end is not proven keeps its place
 * until the carrier itself must have ended it.
 */
export function isLeftBehind({ n, grantedAt }: Place, call: Call, now: number): boolean {
  const attempt = call.attempts[n - 1];
  // Settling gives it back itself.
  if (attempt) return attempt.over !== null && attempt.over.proven && call.state !== 'settling';
  return call.state === 'ended' || now - grantedAt >= GRANT_IS_YOUNG_MS;
}

/** What an attempt that is under way should hold. */
export function placeOf(call: Call): LostPlace | null {
  const attempt = currentAttempt(call);
  if (!attempt || !isLive(call)) return null;
  return {
    account: call.account,
    callId: call.callId,
    n: attempt.n,
    to: call.to,
    from: attempt.from,
    campaignId: call.campaign?.id ?? null,
    mostMinutes: mostMinutes(call.policy),
    microsPerMinute: attempt.microsPerMinute ?? null,
    gatewayId: ownerOf(call)?.gatewayId ?? null,
    expiresAt: attempt.dialedAt + leaseMs(call.policy),
  };
}

export interface ReconcilePlacesDeps {
  readonly account: string;
  readonly calls: Pick<Calls, 'load' | 'underWay'>;
  readonly places: Places;
  readonly logger: Logger;
}

/** Drops places that nobody gave back, and gives those that Redis has forgotten to the attempts that are under way. */
export function createReconcilePlaces({ account, calls, places, logger }: ReconcilePlacesDeps): () => Promise<void> {
  return async function reconcilePlaces() {
    const held = await places.places(account);
    // A record is read after its place: what it says is at least as new.
    await inBatches(held, AT_ONCE, drop);
    const names = new Set(held.map(({ callId, n }) => `${callId}:${n}`));
    await inBatches(await calls.underWay(), AT_ONCE, async (callId) => {
      const call = (await loadKnown(calls, callId))?.call;
      const lost = call && placeOf(call);
      if (!lost || names.has(`${lost.callId}:${lost.n}`) || lost.account !== account) return;
      const askedUs = await places.restore(lost);
      if (askedUs === null) return;
      logger.warn({ callId, attempt: lost.n }, 'place was restored from the record');
      // Settled between our look at the record and this: then nobody will ever give it back, and what it used is counted already.
      const after = (await loadKnown(calls, callId))?.call;
      if (after && placeOf(after)?.n !== lost.n) await places.release(account, callId, lost.n, 'not-dialed', askedUs);
    });
  };

  async function drop(place: Place): Promise<void> {
    const { callId, n, askedUs } = place;
    const loaded = await loadKnown(calls, callId);
    // A record that is gone, or of a newer release, tells nothing of its leg: such a place runs out by itself.
    if (!loaded || !isLeftBehind(place, loaded.call, loaded.now)) return;
    const attempt = loaded.call.attempts[n - 1];
    await places.release(account, callId, n, attempt ? usedMinutes(attempt) : 'not-dialed', askedUs);
    logger.warn({ callId, attempt: n }, 'place was dropped: its attempt is over');
  }
}
