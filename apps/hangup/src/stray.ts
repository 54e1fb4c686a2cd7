import type { Carrier } from '@onhook/carrier';
import { isTerminal, type CarrierCallId } from '@onhook/contracts';
import type { Logger, Timers } from '@onhook/service';

const TRIES_AFTER_MS = [0, 500, 1_000, 2_000, 4_000, 8_000];

export type EndStray = (sid: CarrierCallId) => Promise<void>;

/** A leg that no record wants: look at it, and hang it up if it lives. It is over by the carrier's word for its SID only. */
export function createEndStray({
  carrier,
  timers,
  logger,
}: {
  carrier: Pick<Carrier, 'hangUp' | 'fetchCall'>;
  timers: Timers;
  logger: Logger;
}): EndStray {
  return async function endStray(sid) {
    for (const waitMs of TRIES_AFTER_MS) {
      await timers.sleep(waitMs);
      const fetched = await carrier.fetchCall(sid);
      if (fetched.outcome === 'not-found') return logger.warn({ carrierCallId: sid }, 'stray leg is unknown to the carrier');
      if (fetched.outcome === 'found') {
        if (isTerminal(fetched.call.status))
          return logger.info({ carrierCallId: sid, status: fetched.call.status }, 'stray leg is over');
        logger.warn({ carrierCallId: sid, status: fetched.call.status }, 'stray leg was hung up');
        await carrier.hangUp(sid);
      }
    }
    throw new Error(`stray leg ${sid} could not be ended`);
  };
}
