import { isTerminal, type CarrierCallId } from '@onhook/contracts';
import type { Carrier } from '@onhook/carrier';
import type { Logger, Timers } from '@onhook/service';

interface DirectDeps {
  readonly carrier: Pick<Carrier, 'hangUp' | 'fetchCall'>;
  readonly timers: Timers;
  readonly logger: Logger;
}

const PAUSES_MS = [0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000];

/**
 * The layer for a Redis that is away: asks the carrier itself until the carrier says that the leg is over. The socket is
 * closed by then, so this is the second of two enders, and it may give up.
 */
export async function hangUpDirectly({ carrier, timers, logger }: DirectDeps, sid: CarrierCallId): Promise<boolean> {
  for (const pauseMs of PAUSES_MS) {
    if (pauseMs > 0) await timers.sleep(pauseMs);
    const asked = await carrier.hangUp(sid);
    if (asked.outcome === 'failed') continue;
    const seen = await carrier.fetchCall(sid);
    if (seen.outcome === 'found' && isTerminal(seen.call.status)) {
      logger.info({ sid, status: seen.call.status }, 'carrier was asked directly, the leg is over');
      return true;
    }
  }
  logger.error({ sid }, 'carrier was asked directly without a proof of the end');
  return false;
}
